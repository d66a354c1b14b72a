import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { makeTar } from "../../formats/tar/testing/make-tar.ts";
import { probeOf } from "../probe.ts";
import tar from "./tar.ts";
import { examine } from "./testing/examine.ts";
import { unpackMember } from "./testing/unpack.ts";

test("files are members; links and folders are not", async () => {
  const bytes = makeTar([
    { name: "d/", type: "5" },
    { name: "d/a.pkl", data: "payload" },
    { name: "l", type: "2", target: "d/a.pkl" },
  ]);
  const { certainty, incomplete, members } = await examine(tar, bytes);
  expect([certainty, incomplete]).toEqual(["certain", []]);
  expect(members.map((member) => [member.name, unpackMember(member).text])).toEqual([["d/a.pkl", "payload"]]);
});

test("what stands behind the end is given too, and leaves the file incomplete", async () => {
  const bytes = Buffer.concat([makeTar([{ name: "a", data: "1" }]), Buffer.from("smuggled")]);
  const { incomplete, members } = await examine(tar, bytes);
  expect(incomplete).toHaveLength(1);
  expect(members.map((member) => unpackMember(member).text)).toEqual(["1", "smuggled"]);
});

test("a block without a checksum is no tar file", () => {
  expect(tar.recognise(probeOf(bytesSource(Buffer.alloc(1024)), "x.tar"))).toBe("no");
});
