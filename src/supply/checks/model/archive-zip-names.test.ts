import { expect, test } from "vitest";
import { makeZip } from "../../../formats/zip/testing/make-zip.ts";
import zip from "../../../scan/readers/zip.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./archive-zip-names.ts";

const seen = async (bytes: Uint8Array): Promise<string[]> =>
  (await examine(zip, bytes)).see(subject).map(({ key, severity }) => `${severity}: ${key}`);

test("names and links that lead outside are reported", async () => {
  expect(await seen(makeZip([{ name: "../x", data: "" }]))).toEqual(["high: name-escapes ../x"]);
  const link = makeZip([{ name: "l", data: "/etc", central: { external: 0xa1ff0000 } }]);
  expect(await seen(link)).toEqual(["low: symlink l", "high: symlink-escapes l"]);
});

test("twins are reported", async () => {
  expect(
    await seen(
      makeZip([
        { name: "a", data: "1" },
        { name: "a", data: "2" },
      ]),
    ),
  ).toEqual(["medium: duplicate-name a"]);
  expect(
    await seen(
      makeZip([
        { name: "a", data: "1" },
        { name: "A", data: "2" },
      ]),
    ),
  ).toEqual(["low: duplicate-folded-name A"]);
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
