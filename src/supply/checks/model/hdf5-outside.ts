import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/hdf5-outside",
  asks: "hdf5",
  title: "This HDF5 file takes content from other files",
  severity: "high",
  refs: ["cwe:73", "cwe:200", "cve:CVE-2026-1669", "owasp-ml:ML06"],
  fix: "Do not load it. Copy the values into the file (h5repack, h5copy) after looking at where they come from.",
  details:
    "External links, external storage and virtual datasets make HDF5 open other files of the machine that loads the model. Weights then " +
    "contain what those files hold: whoever gets the model, or its answers, can read them.",
  *see({ structure }) {
    for (const flaw of structure.flaws)
      if (flaw.rule === "outside") yield finding({ ...flawObservation(flaw), key: flaw.why });
  },
});
