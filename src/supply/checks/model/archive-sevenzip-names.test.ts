import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { samples } from "../../../formats/sevenzip/testing/samples.ts";
import sevenzip from "../../../scan/readers/sevenzip.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./archive-sevenzip-names.ts";

const seen = async (bytes: Uint8Array): Promise<string[]> =>
  (await examine(sevenzip, bytes)).see(subject).map(({ key, severity }) => `${severity}: ${key}`);

/** The sample with one of its names replaced by another of the same length. */
function renamed(from: string, to: string): Buffer {
  const bytes = Buffer.from(samples.plain, "base64");
  bytes.write(to, bytes.indexOf(from, 0, "utf16le"), "utf16le");
  const start = 32 + Number(bytes.readBigUInt64LE(12));
  bytes.writeUInt32LE(crc32(bytes.subarray(start)), 28);
  bytes.writeUInt32LE(crc32(bytes.subarray(12, 32)), 8);
  return bytes;
}

test("names that lead outside, and links, are reported", async () => {
  expect(await seen(renamed("d/a.txt", "../a.tx"))).toEqual(["high: name-escapes ../a.tx", "medium: symlink d/link"]);
});

test("plain names are not reported", async () => {
  expect((await seen(Buffer.from(samples.plain, "base64"))).filter((key) => !key.includes("link"))).toEqual([]);
});
