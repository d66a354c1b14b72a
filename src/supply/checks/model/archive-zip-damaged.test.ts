import { expect, test } from "vitest";
import { makeZip } from "../../../formats/zip/testing/make-zip.ts";
import zip from "../../../scan/readers/zip.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./archive-zip-damaged.ts";

const seen = async (bytes: Uint8Array): Promise<string[]> =>
  (await examine(zip, bytes)).see(subject).map(({ key, severity }) => `${severity}: ${key}`);

test("a stored member with another checksum is reported", async () => {
  const wrong = { crc: 7 };
  expect(await seen(makeZip([{ name: "a", data: "1", local: wrong, central: wrong }]))).toEqual(["medium: damaged a"]);
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
