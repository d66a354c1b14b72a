import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";

export default check({
  id: "supply/model/npy-objects",
  asks: "npy",
  title: "This NumPy file holds Python objects, which are loaded by unpickling",
  severity: "low",
  refs: ["cwe:502", "https://numpy.org/doc/stable/reference/generated/numpy.load.html"],
  fix: "Store the data with a plain dtype, and load with allow_pickle=False (the default).",
  details:
    "numpy.load refuses object arrays unless allow_pickle=True is given. The pickle inside is examined like any other; this finding " +
    "only says that the loader has to allow pickles at all.",
  *see({ structure }) {
    for (const array of structure.arrays) {
      if (array.dtype?.objects) {
        yield finding({
          at: { offset: array.offset },
          why: "The dtype contains object fields, so loading it needs allow_pickle=True.",
          evidence: array.header.slice(0, 200),
          key: "objects",
        });
      }
    }
  },
});
