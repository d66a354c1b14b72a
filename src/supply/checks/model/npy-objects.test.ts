import { expect, test } from "vitest";
import { npyHeader, writeNpy } from "../../../formats/npy/testing/write.ts";
import npy from "../../../scan/readers/npy.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import objects from "./npy-objects.ts";

test("an array whose records hold objects is reported, mildly", async () => {
  const bytes = writeNpy(npyHeader("[('a', '<i4'), ('b', '|O')]", "(2,)"), 50);
  expect((await examine(npy, bytes)).see(objects)).toMatchObject([{ severity: "low", key: "objects" }]);
});

test("an array of numbers is not reported", async () => {
  expect((await examine(npy, writeNpy(npyHeader("'<f4'", "(2,)"), 8))).see(objects)).toEqual([]);
});
