import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";

export default check({
  id: "supply/model/pickle-disguise",
  asks: "pickle",
  title: "This pickle is written so that different readers see different things",
  severity: "high",
  refs: ["cwe:502", "cwe:436", "atlas:AML.T0015"],
  fix: "Do not load it. No library writes such a file.",
  details:
    "Python has two unpicklers, and programs read pickles from memory, from files and from streams. Frames that end in the middle of an argument, truncated frames and arguments of the wrong type are read differently by them; they are used to show tools another program than the one that runs.",
  *see({ structure }) {
    for (const { offset, severity, why } of structure.concerns) {
      yield finding({ at: { offset }, severity, why: `The pickle contains ${why}.`, key: why });
    }
  },
});
