import { expect, test } from "vitest";
import { hdf5Fixture } from "../../../../test/support/hdf5-fixture.ts";
import hdf5 from "../../../scan/readers/hdf5.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import outside from "./hdf5-outside.ts";

test("links, storage and datasets in other files are reported", async () => {
  const severities = (await examine(hdf5, hdf5Fixture("outside"))).see(outside).map(({ severity }) => severity);
  expect(severities).toEqual(["high", "high", "high"]);
});

test("a file that holds all its values is not reported", async () => {
  expect((await examine(hdf5, hdf5Fixture("latest"))).see(outside)).toEqual([]);
});
