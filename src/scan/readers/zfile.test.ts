import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { examine } from "./testing/examine.ts";
import { unpackMember } from "./testing/unpack.ts";
import zfile from "./zfile.ts";

test("what the file unpacks to is its one member", async () => {
  const bytes = Buffer.concat([Buffer.from(`ZF${"0x7".padEnd(19)}`), deflateSync("payload")]);
  const { certainty, members } = await examine(zfile, bytes, "model.pkl");
  expect(certainty).toBe("certain");
  expect(members.map((member) => [member.name, unpackMember(member)])).toEqual([
    ["model.pkl", { text: "payload", problem: undefined }],
  ]);
});
