import { expect, test } from "vitest";
import { makeZip } from "../../../formats/zip/testing/make-zip.ts";
import zip from "../../../scan/readers/zip.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./archive-zip-hides.ts";

const seen = async (bytes: Uint8Array): Promise<string[]> =>
  (await examine(zip, bytes)).see(subject).map(({ key, severity }) => `${severity}: ${key}`);

test("a member that stands in no directory, and bytes in front, are reported", async () => {
  const hidden = makeZip([{ name: "h", data: "payload" }]).subarray(0, 38);
  expect(await seen(makeZip([{ name: "a", data: "1" }], { gap: hidden }))).toEqual(["high: outside-directory h"]);
  expect(await seen(Buffer.concat([Buffer.from("MZ"), makeZip([{ name: "a", data: "1" }])]))).toEqual([
    "medium: hidden-bytes",
  ]);
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
