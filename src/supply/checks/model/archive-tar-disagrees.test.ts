import { expect, test } from "vitest";
import { makeTar } from "../../../formats/tar/testing/make-tar.ts";
import tar from "../../../scan/readers/tar.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./archive-tar-disagrees.ts";

const seen = async (bytes: Uint8Array): Promise<string[]> =>
  (await examine(tar, bytes)).see(subject).map(({ key, severity }) => `${severity}: ${key}`);

test("contents of a link and numbers that readers take differently are reported", async () => {
  expect(
    await seen(
      makeTar([
        { name: "l", type: "2", target: "a", size: 512 },
        { name: "a", data: "x" },
      ]),
    ),
  ).toEqual(["high: contents-on-link l"]);
  expect(await seen(makeTar([{ name: "a", size: "0o0\0" }]))).toEqual(["high: odd-number a"]);
});

test("members behind the end mark are reported", async () => {
  expect(await seen(Buffer.concat([makeTar([{ name: "a" }]), makeTar([{ name: "b" }])]))).toEqual([
    "medium: members-after-end",
  ]);
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
