import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/hdf5-structure",
  asks: "hdf5",
  title: "This HDF5 file is not one that the HDF5 library leaves behind",
  severity: "medium",
  refs: ["cwe:1287", "https://support.hdfgroup.org/documentation/hdf5/latest/_s_p_e_c.html"],
  fix: "Obtain it again from its origin, or rewrite it with h5repack.",
  details:
    "Bytes before the beginning, behind the end or between structures are read by no HDF5 program, but can be another file for another " +
    "program. Sizes beyond the end and filters from plug-ins make readers fail or load libraries.",
  *see({ structure }) {
    for (const flaw of structure.flaws) if (flaw.rule !== "outside") yield finding(flawObservation(flaw));
    const data = structure.leftovers.filter(({ content }) => content !== "zeros");
    for (const place of new Set(data.map((left) => left.place))) {
      const found = data.filter((left) => left.place === place);
      const bytes = found.reduce((sum, { length }) => sum + length, 0);
      yield finding({
        at: { offset: found[0]!.offset, length: found[0]!.length },
        why: `${bytes} bytes ${place} belong to nothing in the file.`,
        severity: place === "between structures" ? "info" : "medium",
        key: place,
      });
    }
  },
});
