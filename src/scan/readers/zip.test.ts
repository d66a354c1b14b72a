import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { makeZip } from "../../formats/zip/testing/make-zip.ts";
import { probeOf } from "../probe.ts";
import { examine } from "./testing/examine.ts";
import { unpackMember } from "./testing/unpack.ts";
import zip from "./zip.ts";

const plain = makeZip([
  { name: "a.pkl", data: "payload ".repeat(99), method: 8 },
  { name: "b", data: "stored" },
]);
const certainty = (bytes: Uint8Array): string => zip.recognise(probeOf(bytesSource(bytes), "x"));

test("members are given with their bytes, and nothing is incomplete", async () => {
  const { incomplete, members } = await examine(zip, plain);
  expect(incomplete).toEqual([]);
  expect(members.map((member) => [member.name, unpackMember(member).text])).toEqual([
    ["a.pkl", "payload ".repeat(99)],
    ["b", "stored"],
  ]);
});

test("a zip file is recognised behind and before foreign bytes, and even without its directory", () => {
  expect(certainty(plain)).toBe("certain");
  expect(certainty(Buffer.concat([Buffer.from("\u0080\u0004."), plain]))).toBe("certain");
  expect(certainty(Buffer.concat([plain, Buffer.alloc(60_000, "x")]))).toBe("certain");
  expect(certainty(plain.subarray(0, -22))).toBe("likely");
  expect(certainty(Buffer.from("text with PK\u0005\u0006 and eighteen more bytes"))).toBe("no");
});

test("a zip file at the end of a tar file is left to the tar file", () => {
  const head = Buffer.alloc(512);
  head.write("a.zip", 0);
  head.write("00000000000", 124);
  head.fill(" ", 148, 156);
  head.write(
    `${head
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  const padded = Buffer.concat([head, plain, Buffer.alloc((512 - (plain.length % 512)) % 512), Buffer.alloc(1024)]);
  expect(certainty(padded)).toBe("possible");
});

test("both faces of a member and what lies around the archive are given for examination", async () => {
  const two = Buffer.concat([Buffer.from("prefix"), makeZip([{ name: "a", data: "x", local: { name: "b" } }])]);
  const { incomplete, members } = await examine(zip, two);
  expect(members.map(({ name }) => name)).toEqual(["a", "(local header)/b", "(before the archive at byte 0)"]);
  expect(incomplete).toEqual([{ why: "6 bytes before the archive belong to no member", offset: 0, length: 6 }]);
});

test("damage shows when the member is unpacked, after its bytes", async () => {
  const packed = deflateRawSync("payload");
  const wrong = { crc: 1 };
  const { members } = await examine(
    zip,
    makeZip([{ name: "a", data: "payload", method: 8, packed, local: wrong, central: wrong }]),
  );
  expect(unpackMember(members[0])).toEqual({ text: "payload", problem: 'the checksum of "a" does not fit its data' });
  const { structure } = await examine(zip, makeZip([{ name: "a", data: "payload", local: wrong, central: wrong }]));
  expect(structure.checksums.anomalies.map(({ code }) => code)).toEqual(["damaged"]);
});
