import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLogReader } from "../ledger/reader.ts";
import { openLogWriter } from "../ledger/writer.ts";
import { generateIdentity } from "../seal/age/identity.ts";
import { generateKey, signerOf } from "../seal/keys.ts";
import { diskBlobs } from "../store/blobs/disk.ts";
import type { Repository } from "../store/repository.ts";
import { openSqliteRepository } from "../store/sqlite/open.ts";
import type { RegistryOptions } from "./context.ts";
import { diskFolder } from "./folder.ts";
import { openRegistry } from "./registry.ts";
import { restore } from "./restore.ts";
import { dataset, filesOf, logOrigin, model, promoted, root, type TestHome, testHome } from "./testing/home.ts";

let home: TestHome;
let target: { readonly dir: string; readonly repository: Repository; readonly options: RegistryOptions };
beforeEach(async () => {
  home = await testHome();
  const dir = join(home.dir, "restored");
  await mkdir(dir);
  const repository = await openSqliteRepository({ path: join(dir, "store.db"), clock: home.clock });
  const log = join(dir, "log");
  const options: RegistryOptions = {
    ...home.options,
    repository,
    blobs: diskBlobs(join(dir, "blobs")),
    openLog: () => openLogWriter({ dir: log, origin: logOrigin, signer: home.logSigner, clock: home.clock }),
    readLog: async () => openLogReader(log),
  };
  target = { dir, repository, options };
});
afterEach(async () => {
  await target.repository.close();
  await home.close();
});

const at = () => join(home.dir, "backup");
const makeBackup = () => home.registry.backup({ log: diskFolder(join(home.dir, "log")), to: diskFolder(at()) });
const restoreIt = (changes: Partial<RegistryOptions> = {}) =>
  restore({ ...target.options, ...changes }, { from: diskFolder(at()), log: diskFolder(join(target.dir, "log")) });

async function fill(): Promise<void> {
  const { registry } = home;
  await registry.addTenant("acme");
  const data = await dataset(registry, "secret-dataset", "very secret rows");
  const a = await model(registry, "m", "a", { inputs: [{ digest: data.digest, role: "training-data" }] });
  const b = await model(registry, "m", "", { files: filesOf({ "w/1": "x".repeat(100_000), "w/2": "y" }) });
  await promoted(registry, a);
  await promoted(registry, b, "prod", 10);
  await promoted(registry, b);
  await registry.rollback({ tenant: "default", name: "m", alias: "prod" });
  await registry.setKill({ scope: "tenant", target: "acme", killed: true, why: "drill" });
  const gone = await model(registry, "gone", "erase me", { tenant: "acme" });
  await registry.erase({ tenant: "acme", version: gone.digest, why: "asked for" });
  await registry.revoke({ tenant: "default", version: b.digest, why: "bad" });
}

describe("a backup", () => {
  it("restores to exactly the same registry, which goes on from there", async () => {
    await fill();
    const manifest = await makeBackup();
    expect(manifest.files.length).toBeGreaterThan(5);
    await restoreIt();
    for (const question of [
      (repository: Repository) => repository.tenants(),
      (repository: Repository) => repository.versions(),
      (repository: Repository) => repository.aliases(),
      (repository: Repository) => repository.aliasHistory("default", "m"),
      (repository: Repository) => repository.kills(),
    ])
      expect(await question(target.repository)).toEqual(await question(home.repository));
    const registry = await openRegistry(target.options);
    expect((await registry.verifyStored()).problems).toEqual([]);
    const { digest } = await registry.resolve({ tenant: "default", name: "m", at: { alias: "prod" } });
    expect(Buffer.from(await (await registry.open("default", digest, root)).readFile("model.onnx")).toString()).toBe(
      "a",
    );
    await model(registry, "m", "after the restore");
    expect((await registry.verifyStored()).problems).toEqual([]);
  });

  it("holds nothing secret in the clear and no private key", async () => {
    await fill();
    await makeBackup();
    const names = await readdir(at(), { recursive: true });
    expect(names.filter((name) => name.includes("lock"))).toEqual([]);
    for (const name of names) {
      const bytes = await readFile(join(at(), name)).catch(() => Buffer.alloc(0));
      for (const secret of ["very secret rows", "secret-dataset", home.storeKey.identity, "PRIVATE KEY", "asked for"])
        expect(bytes.includes(secret)).toBe(false);
    }
  });

  it("with any file changed, cut off or missing is refused by name, and leaves an empty store", async () => {
    await fill();
    const { files } = await makeBackup();
    const one = (start: string) => files.find(({ path }) => path.startsWith(start))!.path;
    const kinds = ["store.age", "log/checkpoint", "log/state", "log/tile/0", "log/tile/entries", "blobs/"];
    for (const path of ["backup.json", ...kinds.map(one)]) {
      const place = join(at(), path);
      const bytes = await readFile(place);
      const changed = Buffer.from(bytes);
      const middle = Math.floor(bytes.length / 2);
      changed[middle] = changed[middle]! ^ 1;
      for (const bad of [changed, bytes.subarray(0, bytes.length - 1), undefined]) {
        if (bad === undefined) await rm(place);
        else await writeFile(place, bad);
        const error = await restoreIt().then(
          () => undefined,
          (error: Error & { code: string; where?: string }) => error,
        );
        expect(["INTEGRITY", "SIGNATURE", "MALFORMED", "NOT_FOUND"]).toContain(error?.code);
        expect(path === "backup.json" || `${error?.where} ${error?.message}`.includes(path)).toBe(true);
        expect(await target.repository.tenants()).toEqual([]);
      }
      await writeFile(place, bytes);
    }
    await restoreIt();
    expect(await target.repository.versions()).toEqual(await home.repository.versions());
  }, 120_000);

  it("of somebody else, or without the store key, is refused", async () => {
    await fill();
    await makeBackup();
    const stranger = signerOf(generateKey("ecdsa-p256").privateKey);
    await expect(restoreIt({ signer: stranger })).rejects.toMatchObject({ code: "SIGNATURE" });
    await expect(restoreIt({ storeKey: generateIdentity() })).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await target.repository.tenants()).toEqual([]);
  });

  it("is not made of damaged bytes, nor into a folder that is not empty, nor restored over something", async () => {
    await fill();
    await makeBackup();
    await expect(makeBackup()).rejects.toMatchObject({ code: "CONFLICT" });
    await restoreIt();
    await expect(restoreIt()).rejects.toMatchObject({ code: "CONFLICT" });
    const row = await model(home.registry, "m", "soon damaged");
    const [object] = await home.repository.objects("default", row.digest);
    await home.blobs.delete(object!.blobKey);
    await rm(at(), { recursive: true });
    await expect(makeBackup()).rejects.toMatchObject({
      code: "INTEGRITY",
      message: expect.stringContaining("model.onnx") as string,
    });
  });
});
