import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { VersionRow } from "../store/repository.ts";
import { generateIdentity } from "../seal/age/identity.ts";
import { dataset, filesOf, model, promoted, root, type TestHome, testHome } from "./testing/home.ts";

let home: TestHome;
let data: VersionRow;
let credit: VersionRow;
beforeEach(async () => {
  home = await testHome();
  data = await dataset(home.registry, "data", "rows");
  credit = await model(home.registry, "credit", "", {
    files: filesOf({ "weights.onnx": "w".repeat(200_000), "labels.txt": "yes\nno\n" }),
    inputs: [{ digest: data.digest, role: "training-data" }],
  });
  await promoted(home.registry, credit);
  await home.registry.setKill({ scope: "model", target: "default/other", killed: true, why: "drill" });
});
afterEach(() => home.close());

/** Edits the store behind everybody's back, as somebody with the file would. */
function edit(sql: string, ...values: (string | number | Uint8Array)[]): void {
  const db = new DatabaseSync(join(home.dir, "store.db"));
  db.exec("pragma foreign_keys = off");
  const { changes } = db.prepare(sql).run(...values);
  db.close();
  if (changes === 0) throw new Error(`nothing was changed by ${sql}`);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = copy[at]! ^ 1;
  return copy;
}

async function blobOf(path: string): Promise<string> {
  const { blobKey } = (await home.repository.objects("default", credit.digest)).find((row) => row.path === path)!;
  for (const name of await readdir(join(home.dir, "blobs"), { recursive: true }))
    if (name.includes(blobKey)) return join(home.dir, "blobs", name);
  throw new Error("no such blob");
}

const problems = async () => (await home.registry.verifyStored()).problems;
const read = async (path: string) => (await home.registry.open("default", credit.digest, root)).readFile(path);

describe("what is stored, when nobody touched it", () => {
  it("has no problems", async () => {
    expect(await home.registry.verifyStored()).toMatchObject({ versions: 2, files: 3, problems: [], orphans: [] });
  });
});

describe("a byte flipped anywhere in a blob", () => {
  it.each([0, 15, 16, 1000, 65_552, 131_087, 200_060])("is reported with the file's name (at %i)", async (at) => {
    const path = await blobOf("weights.onnx");
    await writeFile(path, flipped(await readFile(path), at));
    await expect(read("weights.onnx")).rejects.toMatchObject({
      code: "INTEGRITY",
      message: expect.stringContaining("weights.onnx") as string,
    });
    expect(Buffer.from(await read("labels.txt")).toString()).toBe("yes\nno\n");
    expect(await problems()).toMatchObject([{ where: expect.stringContaining("weights.onnx") as string }]);
  });

  it("never lets the last chunk of a changed file out", async () => {
    const path = await blobOf("weights.onnx");
    const bytes = await readFile(path);
    await writeFile(path, flipped(bytes, bytes.length - 1));
    const open = await home.registry.open("default", credit.digest, root);
    let got = 0;
    await expect(async () => {
      for await (const chunk of open.stream("weights.onnx")) got += chunk.length;
    }).rejects.toMatchObject({ code: "INTEGRITY" });
    expect(got).toBeLessThan(200_000);
  });
});

describe("a blob", () => {
  it.each([0, 10, 100_000, 200_000])("cut off at %i bytes is reported", async (length) => {
    await truncate(await blobOf("weights.onnx"), length);
    await expect(read("weights.onnx")).rejects.toMatchObject({ code: "INTEGRITY" });
    expect(await problems()).toMatchObject([{ where: expect.stringContaining("weights.onnx") as string }]);
  });

  it("that is missing is reported", async () => {
    await rm(await blobOf("labels.txt"));
    await expect(read("labels.txt")).rejects.toMatchObject({
      code: "INTEGRITY",
      message: expect.stringContaining("missing") as string,
    });
    expect(await problems()).toHaveLength(1);
  });

  it("exchanged for another of the same version, with its key, is reported", async () => {
    const rows = await home.repository.objects("default", credit.digest);
    const [a, b] = [rows[0]!, rows[1]!];
    const swap = "update objects set blob_key = ?, header = ? where version = ? and path = ?";
    edit(swap, "temporary", a.header!, credit.digest, a.path);
    edit(swap, a.blobKey, a.header!, credit.digest, b.path);
    edit(swap, b.blobKey, b.header!, credit.digest, a.path);
    await expect(read("labels.txt")).rejects.toMatchObject({ code: "INTEGRITY" });
    expect(await problems()).toHaveLength(2);
  });
});

describe("a changed row of the store", () => {
  it("with a byte of a wrapped key flipped is reported with the file's name", async () => {
    const { header } = (await home.repository.objects("default", credit.digest)).find(
      (row) => row.path === "labels.txt",
    )!;
    for (const at of [30, 90, 140, header!.length - 10]) {
      edit("update objects set header = ? where path = 'labels.txt'", flipped(header!, at));
      await expect(read("labels.txt")).rejects.toMatchObject({
        code: "INTEGRITY",
        message: expect.stringContaining("labels.txt") as string,
      });
      expect(await problems()).toMatchObject([{ where: expect.stringContaining("labels.txt") as string }]);
    }
  });

  it("of an envelope is reported by statement, and blocks the version that rests on it", async () => {
    const { envelope } = (await home.repository.statement(credit.statement))!;
    edit("update statements set envelope = ? where digest = ?", flipped(envelope, 40), credit.statement);
    await expect(read("labels.txt")).rejects.toMatchObject({ code: "INTEGRITY" });
    expect((await problems()).map(({ where }) => where)).toContain(`statement ${credit.statement}`);
  });

  it.each([
    ["update statements set salt = ? where predicate_type like '%registration%'", new Uint8Array(16)],
    ["update statements set leaf = ? where predicate_type like '%promotion%'", new Uint8Array(16)],
    ["update versions set topic = ? where name = 'credit'", "00".repeat(16)],
    ["update versions set terms = ? where name = 'data'", '{"licence":"MIT"}'],
    ["update versions set facts = ? where name = 'data'", '{"a":1}'],
    ["update versions set kind = ? where name = 'data'", "model"],
    ["update versions set name = ? where name = 'data'", "other"],
    ["update versions set manifest = ? where name = 'data'", '{"files":[]}'],
    ["update version_inputs set role = ?", "features"],
    ["delete from version_inputs where role = ?", "training-data"],
    ["update versions set state = 'revoked', ended_by = ? where name = 'data'", () => data.statement],
    ["update versions set flagged_by = ? where name = 'credit'", () => data.digest],
    ["update aliases set digest = ?", () => data.digest],
    ["update aliases set canary_weight = 0, changed_at = ?", "2020-01-01T00:00:00.000Z"],
    ["update alias_history set action = ?", "rollback"],
    ["delete from aliases where alias = ?", "prod"],
    ["update kills set killed = ?", 0],
    ["update kills set epoch = ?", 9],
    ["delete from kills where target = ?", "default/other"],
    ["insert into tenants (tenant, created_at) values (?, '2020-01-01T00:00:00Z')", "ghost"],
    ["delete from statements where predicate_type like ?", "%promotion%"],
    ["delete from objects where path = ?", "labels.txt"],
    ["update statements set log_index = log_index + ?", 100],
  ] as const)("is reported: %s", async (sql, value) => {
    edit(sql, typeof value === "function" ? value() : value);
    expect(await problems()).not.toEqual([]);
  });

  it("that takes back a revocation is not believed", async () => {
    await home.registry.revoke({ tenant: "default", version: data.digest, why: "bad rows" });
    edit("update versions set state = 'live', ended_by = null where name = 'data'");
    await expect(home.registry.open("default", data.digest, root)).rejects.toMatchObject({ code: "INTEGRITY" });
    edit("delete from statements where predicate_type like '%revocation%'");
    expect((await problems()).some(({ message }) => message.includes("the store has lost"))).toBe(true);
  });
});

describe("the wrong store key", () => {
  it("is told apart from damage", async () => {
    const other = await home.reopen({ storeKey: generateIdentity() });
    const open = await other.open("default", credit.digest, root);
    await expect(open.readFile("labels.txt")).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(model(other, "new", "bytes")).rejects.toMatchObject({ code: "CONFLICT" });
  });
});
