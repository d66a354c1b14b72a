import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/npy-structure",
  asks: "npy",
  title: "This NumPy file is not one that NumPy writes",
  severity: "medium",
  refs: ["cwe:1287", "cwe:95", "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"],
  fix: "Do not load it. Obtain the array again, or save it anew with numpy.save.",
  details:
    "The header is a Python dictionary in text form; old readers evaluate it. Anything in it but plain values, a size that does not " +
    "fit the bytes that follow, or bytes that belong to no array mean that the file was made or changed by something else.",
  *see({ structure }) {
    for (const flaw of structure.flaws) yield finding(flawObservation(flaw));
  },
});
