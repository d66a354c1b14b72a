import { expect, test } from "vitest";
import type { ZipHeader } from "./records.ts";
import { isText, unexplainedBytes } from "./unexplained.ts";

const header = (id: number, data: Buffer, comment?: Buffer) =>
  ({ extras: [{ id, data }], ...(comment ? { comment } : {}) }) as unknown as ZipHeader & { comment?: Buffer };
const pickle = Buffer.from("\x80\x04cposix\nsystem\n", "latin1");

test("fields that zip tools write are accounted for: times, ids, names, PyTorch's and Android's padding", () => {
  expect(unexplainedBytes(header(0x5455, Buffer.from([1, 2, 3, 4, 5])))).toBeUndefined();
  expect(unexplainedBytes(header(0x4246, Buffer.from("ZZZZZZ")))).toBeUndefined();
  expect(unexplainedBytes(header(0xd935, Buffer.from([4, 0, 0, 0])))).toBeUndefined();
  expect(unexplainedBytes(header(0xbeef, Buffer.alloc(8)))).toBeUndefined();
  expect(unexplainedBytes(header(0x5455, Buffer.alloc(5), Buffer.from("made by zip")))).toBeUndefined();
});

test("anything else could be what a loader is pointed to", () => {
  for (const id of [0x1234, 0x4246, 0x7075, 0xcafe])
    expect(unexplainedBytes(header(id, pickle))).toContain("accounts for");
  expect(unexplainedBytes(header(0x5455, Buffer.alloc(400, 1)))).toContain("0x5455");
  expect(unexplainedBytes(header(0x5455, Buffer.alloc(5), pickle))).toContain("comment");
  expect(isText(Buffer.from([0xff, 0xfe]))).toBe(false);
});
