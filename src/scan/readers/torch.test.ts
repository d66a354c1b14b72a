import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { makeZip } from "../../formats/zip/testing/make-zip.ts";
import type { MemberToWrite } from "../../formats/zip/testing/make-zip.ts";
import { probeOf } from "../probe.ts";
import type { Member } from "../reader.ts";
import { testBudget } from "./testing/examine.ts";
import torch from "./torch.ts";
import zip from "./zip.ts";

// A persistent id ("storage", torch.FloatStorage, "0", "cpu", 3) and nothing else.
const pickle = Buffer.from(
  "\u0080\u0002(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\x000X\u0003\0\0\0cpuK\u0003tQ.",
  "latin1",
);

async function open(bytes: Uint8Array): Promise<{ certainty: string; members: Member[]; missing: readonly string[] }> {
  const probe = probeOf(bytesSource(bytes), "x.pt");
  const { structure: base } = zip.read(probe, testBudget(), await zip.load!());
  const refined = { ...probe, base };
  const { structure } = torch.read(refined, testBudget(), await torch.load!());
  return {
    certainty: torch.recognise(refined),
    members: [...torch.members!(structure, refined)],
    missing: structure.missing,
  };
}

const archive = (...more: MemberToWrite[]): Buffer => makeZip([{ name: "archive/data.pkl", data: pickle }, ...more]);

test("a storage that the pickle names with its exact size is data; anything else is examined", async () => {
  const { certainty, members, missing } = await open(
    archive(
      { name: "archive/data/0", data: Buffer.alloc(12) },
      { name: "archive/data/1", data: "cos\nsystem\n" },
      { name: "archive/version", data: "3\n" },
    ),
  );
  expect([certainty, missing]).toEqual(["certain", []]);
  expect(members.map(({ name, data }) => [name, data !== undefined])).toEqual([
    ["archive/data.pkl", false],
    ["archive/data/0", true],
    ["archive/data/1", false],
    ["archive/version", false],
  ]);
});

test("a storage of another size, one that stands twice or one that is not there is not data", async () => {
  for (const more of [
    [{ name: "archive/data/0", data: Buffer.alloc(13) }],
    [
      { name: "archive/data/0", data: Buffer.alloc(12) },
      { name: "archive/DATA/0", data: Buffer.alloc(12) },
    ],
    [],
  ]) {
    const { members, missing } = await open(archive(...more));
    expect(missing).toHaveLength(1);
    expect(members.every(({ data }) => data === undefined)).toBe(true);
  }
});

test("zip files without the pickle are not taken for it", async () => {
  expect((await open(makeZip([{ name: "a/b", data: "" }]))).certainty).toBe("no");
  expect((await open(makeZip([{ name: "data.pkl", data: "" }]))).certainty).toBe("no");
});

test("every storage of a real archive is accounted for", async () => {
  const folder = new URL("../../../../shared/data/models/digits/", import.meta.url);
  if (!existsSync(folder)) {
    console.log("not run: ../shared/data absent");
    return;
  }
  for (const name of ["state_dict", "checkpoint", "full_module", "torchscript", "traced"].map(
    (part) => `fashion_cnn.${part}.pt`,
  )) {
    const { members, missing } = await open(readFileSync(new URL(name, folder)));
    expect(missing).toEqual([]);
    const examined = members.filter(({ data }) => data === undefined).map(({ name }) => name.replace(/^[^/]*\//, ""));
    expect(
      examined.filter((name) => !/^(?:data\.pkl|constants\.pkl|version|byteorder|\.data\/.*|code\/.*)$/.test(name)),
    ).toEqual([]);
  }
});
