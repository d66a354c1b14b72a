import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { makeTar } from "../../formats/tar/testing/make-tar.ts";
import { probeOf } from "../probe.ts";
import type { Gap, Member } from "../reader.ts";
import tar from "./tar.ts";
import { testBudget } from "./testing/examine.ts";
import torchTar from "./torch-tar.ts";

const one = Buffer.from("\u0080\u0002K\u0001.", "latin1");
const none = Buffer.from("\u0080\u0002].", "latin1");
const of = (type: string): Buffer => Buffer.from(`\u0080\u0002(K\u0005X\u0003\0\0\0cpuctorch\n${type}\nt.`, "latin1");
const int64 = (...values: number[]): Buffer => Buffer.from(BigInt64Array.from(values.map(BigInt)).buffer);
const storages = Buffer.concat([one, of("FloatStorage"), int64(3), Buffer.alloc(12, 7), none]);
const tensors = Buffer.concat([one, of("FloatTensor"), int64(1, 3, 1, 0)]);
const file = (...parts: [Buffer, Buffer]): Buffer =>
  makeTar([
    { name: "sys_info", data: one },
    { name: "pickle", data: one },
    { name: "tensors", data: parts[1] },
    { name: "storages", data: parts[0] },
  ]);

async function open(bytes: Uint8Array): Promise<{ certainty: string; incomplete: readonly Gap[]; members: Member[] }> {
  const probe = probeOf(bytesSource(bytes), "x.pt");
  const { structure: base } = tar.read(probe, testBudget(), await tar.load!());
  const refined = { ...probe, base };
  const { structure, incomplete } = torchTar.read(refined, testBudget(), await torchTar.load!());
  return { certainty: torchTar.recognise(refined), incomplete, members: [...torchTar.members!(structure, refined)] };
}

test("pickles and raw data of storages and tensors are told apart, to the last byte", async () => {
  const { certainty, incomplete, members } = await open(file(storages, tensors));
  expect([certainty, incomplete]).toEqual(["certain", []]);
  expect(members.map(({ name, data }) => `${name}${data === undefined ? "" : " data"}`)).toEqual([
    "sys_info",
    "pickle",
    "tensors/0.pkl",
    "tensors/5.pkl",
    "tensors/39.bin data",
    "storages/0.pkl",
    "storages/5.pkl",
    "storages/40.bin data",
    "storages/60.pkl",
  ]);
});

test("a storage that does not end inside its member leaves the file incomplete, and its bytes are examined", async () => {
  const { incomplete, members } = await open(
    file(Buffer.concat([one, of("FloatStorage"), int64(99), Buffer.alloc(12)]), tensors),
  );
  expect(incomplete).toHaveLength(1);
  expect(members.filter(({ data }) => data !== undefined)).toHaveLength(1);
});

test("other tar files are not taken for it", async () => {
  expect((await open(makeTar([{ name: "pickle", data: "x" }]))).certainty).toBe("no");
});
