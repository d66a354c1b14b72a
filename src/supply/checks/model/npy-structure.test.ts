import { expect, test } from "vitest";
import { npyHeader, writeNpy } from "../../../formats/npy/testing/write.ts";
import npy from "../../../scan/readers/npy.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import structure from "./npy-structure.ts";

test("code in the header is reported as dangerous, bytes after the array as odd", async () => {
  const code = writeNpy("{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,)}", 4);
  expect((await examine(npy, code)).see(structure)).toMatchObject([{ severity: "high", key: "header" }]);
  const more = Buffer.concat([writeNpy(npyHeader("'<f4'", "(1,)"), 4), Buffer.from("zz")]);
  expect((await examine(npy, more)).see(structure)).toMatchObject([{ severity: "medium", key: "trailing" }]);
});

test("an ordinary array is not reported", async () => {
  expect((await examine(npy, writeNpy(npyHeader("'<f4'", "(1,)"), 4))).see(structure)).toEqual([]);
});
