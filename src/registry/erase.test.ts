import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLogReader } from "../ledger/reader.ts";
import { leafHash, verifyInclusion } from "../ledger/merkle.ts";
import { unwrapFileKey } from "../seal/age/file-key.ts";
import type { StatementRow } from "../store/repository.ts";
import type { ErasurePredicate } from "./predicates.ts";
import { ownStatement } from "./own-statement.ts";
import { all, dataset, filesOf, model, pointsTo, promoted, root, type TestHome, testHome } from "./testing/home.ts";

let home: TestHome;
beforeEach(async () => {
  home = await testHome();
});
afterEach(() => home.close());

/** The bytes of every file of the home. */
async function everyByte(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const entry of await readdir(home.dir, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) parts.push(await readFile(join(entry.parentPath, entry.name)));
  return Buffer.concat(parts);
}

const predicateOf = (row: StatementRow) =>
  ownStatement({ ownKeys: [home.signer.publicKey] }, row).predicate as unknown as ErasurePredicate;

describe("erasing", () => {
  it("leaves nothing on disk that decrypts, with every key of the home at hand", async () => {
    const row = await dataset(home.registry, "people", "", { files: filesOf({ a: "secret a", b: "secret b" }) });
    const objects = await home.repository.objects("default", row.digest);
    const ciphertexts = await Promise.all(
      objects.map(async ({ blobKey }) => Buffer.concat(await all(home.blobs.read(blobKey)))),
    );
    const wrapped = objects.map(({ header }) => Buffer.from(header!).subarray(30, 120));
    const before = await everyByte();
    for (const part of [...ciphertexts, ...wrapped]) expect(before.includes(part)).toBe(true);
    expect(unwrapFileKey(objects[0]!.header!, [home.storeKey.identity])).toHaveLength(16);

    await home.registry.erase({ tenant: "default", version: row.digest, why: "subject request 17" });

    const after = await everyByte();
    for (const part of [...ciphertexts, ...wrapped]) expect(after.includes(part)).toBe(false);
    expect((await home.repository.objects("default", row.digest)).every(({ header }) => header === undefined)).toBe(
      true,
    );
    expect(await all(home.blobs.list())).toEqual([]);
    await expect(home.registry.open("default", row.digest, root)).rejects.toMatchObject({ code: "ERASED" });
    await expect(home.registry.open("default", row.digest, root, { evenRevoked: true })).rejects.toMatchObject({
      code: "ERASED",
    });
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });

  it("keeps every proof: statements verify and their leaves stand on the log", async () => {
    const row = await dataset(home.registry, "d", "rows");
    await home.registry.erase({ tenant: "default", version: row.digest, why: "asked for" });
    const reader = openLogReader(join(home.dir, "log"));
    const about = await home.repository.statementsAbout("default", row.digest);
    expect(about).toHaveLength(2);
    for (const statement of about) {
      ownStatement({ ownKeys: [home.signer.publicKey] }, statement);
      const proof = await reader.inclusionProof(statement.logIndex!);
      verifyInclusion(statement.logIndex!, reader.size, leafHash(statement.leaf), await reader.root(), proof);
    }
  });

  it("lists and flags everything derived, and certifies what it does and does not prove", async () => {
    const data = await dataset(home.registry, "d", "rows");
    const clean = await dataset(home.registry, "d2", "clean", { inputs: [{ digest: data.digest, role: "source" }] });
    const credit = await model(home.registry, "m", "w", { inputs: [{ digest: clean.digest, role: "training-data" }] });
    const other = await model(home.registry, "o", "o");
    const { statement, affected } = await home.registry.erase({
      tenant: "default",
      version: data.digest,
      why: "asked for",
    });
    expect(affected).toEqual([clean.digest, credit.digest]);
    for (const { digest } of [clean, credit])
      expect(await home.registry.version("default", digest)).toMatchObject({ state: "live", flaggedBy: data.digest });
    expect((await home.registry.version("default", other.digest)).flaggedBy).toBeUndefined();
    const certificate = predicateOf(statement);
    expect(certificate.objects).toEqual([
      { path: "rows.csv", ciphertextDigest: expect.stringMatching(/^sha256:/) as string },
    ]);
    expect(certificate.proves.join(" ")).toContain("destroyed its only copies");
    expect(certificate.doesNotProve.join(" ")).toContain("backup");
    const late = await model(home.registry, "m", "late", { inputs: [{ digest: credit.digest, role: "base-model" }] });
    expect(late.flaggedBy).toBe(data.digest);
    const direct = await model(home.registry, "m", "direct", { inputs: [{ digest: data.digest, role: "source" }] });
    expect(direct.flaggedBy).toBe(data.digest);
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });

  it("takes the version from every alias, and only it", async () => {
    const [a, b] = [await model(home.registry, "m", "a"), await model(home.registry, "m", "b")];
    await promoted(home.registry, a);
    await promoted(home.registry, b, "prod", 20);
    await promoted(home.registry, b, "test");
    await home.registry.erase({ tenant: "default", version: b.digest, why: "asked for" });
    expect(await home.repository.alias("default", "m", "prod")).toMatchObject({ digest: a.digest, canaryWeight: 0 });
    expect((await home.repository.alias("default", "m", "prod"))?.canary).toBeUndefined();
    expect(await pointsTo(home, "m:test")).toBeUndefined();
    const { aliasHistory } = await home.registry.history("default", "m");
    expect(aliasHistory.map(({ alias, action, sequence }) => `${alias} ${action} ${sequence}`)).toEqual([
      "prod promote 1",
      "prod promote 2",
      "test promote 1",
      "prod withdraw 3",
      "test withdraw 2",
    ]);
    await promoted(home.registry, a, "test");
    expect((await home.repository.alias("default", "m", "test"))?.sequence).toBe(3);
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });

  it("happens once, also to what was revoked or damaged before, and is final", async () => {
    const row = await dataset(home.registry, "d", "rows");
    await home.registry.revoke({ tenant: "default", version: row.digest, why: "bad" });
    await expect(home.registry.revoke({ tenant: "default", version: row.digest, why: "bad" })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    const [object] = await home.repository.objects("default", row.digest);
    await home.blobs.delete(object!.blobKey);
    await home.registry.erase({ tenant: "default", version: row.digest, why: "asked for" });
    await expect(home.registry.erase({ tenant: "default", version: row.digest, why: "again" })).rejects.toMatchObject({
      code: "ERASED",
    });
    await expect(dataset(home.registry, "d", "rows")).rejects.toMatchObject({ code: "ERASED" });
    expect(await all(home.blobs.list())).toEqual([]);
    await expect(home.registry.erase({ tenant: "default", version: row.digest, why: " " })).rejects.toMatchObject({
      code: "USAGE",
    });
  });
});
