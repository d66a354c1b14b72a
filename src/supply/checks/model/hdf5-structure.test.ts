import { expect, test } from "vitest";
import { hdf5Fixture } from "../../../../test/support/hdf5-fixture.ts";
import hdf5 from "../../../scan/readers/hdf5.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import structure from "./hdf5-structure.ts";

test("bytes behind the end are reported", async () => {
  const bytes = Buffer.concat([hdf5Fixture("default"), Buffer.from("PK")]);
  expect((await examine(hdf5, bytes)).see(structure)).toMatchObject([
    { severity: "medium", key: "behind the file's end" },
  ]);
});

test("a file as the library wrote it is not reported", async () => {
  expect((await examine(hdf5, hdf5Fixture("default"))).see(structure)).toEqual([]);
});
