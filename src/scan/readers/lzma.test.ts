import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { probeOf } from "../probe.ts";
import lzma from "./lzma.ts";
import { examine } from "./testing/examine.ts";
import { unpackMember } from "./testing/unpack.ts";

const text = "hello hello hello\n";
const packed = Buffer.from("XQAAgAD//////////wA0GUnujelPfiG2ILf//7o0AAA=", "base64");

test("what the file unpacks to is its one member, under the name without the ending", async () => {
  const { certainty, incomplete, members } = await examine(lzma, packed, "model.pkl.lzma");
  expect([certainty, incomplete]).toEqual(["likely", []]);
  expect(members.map(({ name }) => name)).toEqual(["model.pkl"]);
  expect(unpackMember(members[0])).toEqual({ text, problem: undefined });
});

test("what follows the compressed data is a member as well, and leaves the file incomplete", async () => {
  const { structure } = await examine(lzma, Buffer.concat([packed, Buffer.from("smuggled")]), "model.joblib");
  const seen = [];
  for (const member of structure.members()) seen.push([member.name, unpackMember(member)]);
  expect(seen).toEqual([
    ["model.joblib", { text, problem: "8 bytes follow the compressed data" }],
    [expect.stringContaining("behind the"), { text: "smuggled", problem: undefined }],
  ]);
});

test("other bytes are not taken for it", () => {
  for (const other of ["", "x^2 + y^2 = z^2", "PK\u0003\u0004", "]\0\0 text", "BZh91 is a postcode", "\u001f\u008b"]) {
    expect(lzma.recognise(probeOf(bytesSource(Buffer.from(other, "latin1")), "x")), other).toBe("no");
  }
});
