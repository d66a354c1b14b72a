import { expect, test } from "vitest";
import { makeTar } from "../../../formats/tar/testing/make-tar.ts";
import tar from "../../../scan/readers/tar.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./archive-tar-names.ts";

const seen = async (bytes: Uint8Array): Promise<string[]> =>
  (await examine(tar, bytes)).see(subject).map(({ key, severity }) => `${severity}: ${key}`);

test("names and links that lead outside are reported", async () => {
  expect(await seen(makeTar([{ name: "/etc/passwd" }]))).toEqual(["high: name-escapes /etc/passwd"]);
  expect(await seen(makeTar([{ name: "l", type: "2", target: "../.." }]))).toEqual(["high: link-escapes l"]);
});

test("an honest archive is not reported", async () => {
  expect(
    await seen(
      makeTar([
        { name: "m/", type: "5" },
        { name: "m/data.pkl", data: "x" },
        { name: "m/l", type: "2", target: "data.pkl" },
      ]),
    ),
  ).toEqual([]);
});
