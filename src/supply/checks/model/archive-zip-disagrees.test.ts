import { expect, test } from "vitest";
import { makeZip } from "../../../formats/zip/testing/make-zip.ts";
import zip from "../../../scan/readers/zip.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./archive-zip-disagrees.ts";

const seen = async (bytes: Uint8Array): Promise<string[]> =>
  (await examine(zip, bytes)).see(subject).map(({ key, severity }) => `${severity}: ${key}`);

test("another name, method or size in the local header is reported", async () => {
  const data = "x".repeat(100);
  expect(await seen(makeZip([{ name: "a", data, local: { name: "b" } }]))).toEqual(["high: names-differ a"]);
  expect(await seen(makeZip([{ name: "a", data, method: 8, local: { method: 0 } }]))).toEqual([
    "high: headers-differ a",
  ]);
  expect(await seen(makeZip([{ name: "a", data, local: { flags: 1 } }]))).toEqual(["high: headers-differ a"]);
});

test("two directories, and two entries for the same bytes, are reported", async () => {
  const outer = makeZip([{ name: "a", data: "1" }], { comment: makeZip([{ name: "b", data: "2" }]) });
  expect(await seen(outer)).toContain("high: directory-ambiguous");
  expect(
    await seen(
      makeZip([
        { name: "a", data: "" },
        { name: "a", data: "", central: { headerOffset: 0 } },
      ]),
    ),
  ).toEqual(["high: overlap a"]);
});

test("an honest archive is not reported", async () => {
  expect(
    await seen(
      makeZip([
        { name: "m/data.pkl", data: "x".repeat(100), method: 8 },
        { name: "m/version", data: "3" },
      ]),
    ),
  ).toEqual([]);
});
