import { expect, test } from "vitest";
import { samples } from "../../formats/sevenzip/testing/samples.ts";
import sevenzip from "./sevenzip.ts";
import { examine } from "./testing/examine.ts";
import { unpackMember } from "./testing/unpack.ts";

test("files are members, unpacked one after the other", async () => {
  const { certainty, incomplete, structure } = await examine(sevenzip, Buffer.from(samples.lzma2, "base64"));
  expect([certainty, incomplete]).toEqual(["certain", []]);
  const seen = [];
  for (const member of structure.contents()) seen.push([member.name, unpackMember(member)]);
  expect(seen).toEqual([
    ["d/a.txt", { text: "hello hello hello hello\n", problem: undefined }],
    ["d/b.pkl", { text: "second second second\n", problem: undefined }],
  ]);
});

test("members in any order, and packed in ways not known here, do not stop the others", async () => {
  const { members } = await examine(sevenzip, Buffer.from(samples.lzma, "base64"));
  expect(members.toReversed().map((member) => unpackMember(member).problem)).toEqual([undefined, undefined]);
  const packed = await examine(sevenzip, Buffer.from(samples.ppmd, "base64"));
  expect(packed.members.map((member) => unpackMember(member).problem)).toEqual([
    "the member is packed with PPMd",
    "the member is packed with PPMd",
  ]);
});

test("what follows the archive is given too", async () => {
  const { incomplete, members } = await examine(
    sevenzip,
    Buffer.concat([Buffer.from(samples.copy, "base64"), Buffer.from("smuggled")]),
  );
  expect(incomplete).toHaveLength(1);
  expect(unpackMember(members.at(-1)).text).toBe("smuggled");
});
