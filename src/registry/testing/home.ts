import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyObject } from "node:crypto";
import { parseRef } from "../../core/asset.ts";
import type { BlobStore, Signer } from "../../core/ports.ts";
import type { Clock } from "../../kit/clock.ts";
import { utf8 } from "../../kit/bytes.ts";
import type { Digest } from "../../kit/digest.ts";
import { hostActor } from "../../identity/actor.ts";
import { openLogReader } from "../../ledger/reader.ts";
import { openLogWriter } from "../../ledger/writer.ts";
import { generateIdentity } from "../../seal/age/identity.ts";
import { generateKey, signerOf } from "../../seal/keys.ts";
import { diskBlobs } from "../../store/blobs/disk.ts";
import type { Repository, StatementRow, VersionRow } from "../../store/repository.ts";
import { openSqliteRepository } from "../../store/sqlite/open.ts";
import type { RegistryOptions, StoreKey } from "../context.ts";
import { type Registry, openRegistry } from "../registry.ts";
import type { SourceFile } from "../sealed-file.ts";

export const root = hostActor("root", ["features-reader"]);

/** A clock that says what it is told. */
export interface TestClock extends Clock {
  time: number;
}

/** A registry over real disk, real SQLite and a real log in a temporary folder. */
export interface TestHome {
  readonly dir: string;
  readonly clock: TestClock;
  readonly signer: Signer;
  readonly signingKey: KeyObject;
  readonly logSigner: Signer;
  readonly storeKey: StoreKey;
  readonly repository: Repository;
  readonly blobs: BlobStore;
  readonly options: RegistryOptions;
  readonly registry: Registry;
  /** A second registry over the same home, as another process would open it, with some ports replaced. */
  reopen(changes?: Partial<RegistryOptions>): Promise<Registry>;
  close(): Promise<void>;
}

/** Name of the log of a test home. */
export const logOrigin = "log.example/test";

/** Opens a fresh home. */
export async function testHome(): Promise<TestHome> {
  const dir = await mkdtemp(join(tmpdir(), "castellan-registry-"));
  const clock: TestClock = { time: Date.UTC(2026, 0, 1), now: () => clock.time };
  const { privateKey: signingKey } = generateKey("ecdsa-p256");
  const logSigner = signerOf(generateKey("ed25519").privateKey);
  const repository = await openSqliteRepository({ path: join(dir, "store.db"), clock });
  const blobs = diskBlobs(join(dir, "blobs"));
  const log = join(dir, "log");
  const signer = signerOf(signingKey);
  const storeKey = generateIdentity();
  const options: RegistryOptions = {
    repository,
    blobs,
    openLog: () => openLogWriter({ dir: log, origin: logOrigin, signer: logSigner, clock }),
    readLog: async () => openLogReader(log),
    signer,
    storeKey,
    clock,
  };
  return {
    dir,
    clock,
    signer,
    signingKey,
    logSigner,
    storeKey,
    repository,
    blobs,
    options,
    registry: await openRegistry(options),
    reopen: (changes = {}) => openRegistry({ ...options, ...changes }),
    async close() {
      await repository.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Source files from texts or bytes. */
export function filesOf(contents: { readonly [path: string]: string | Uint8Array }): SourceFile[] {
  return Object.entries(contents).map(([path, content]) => ({
    path,
    open: () => once(typeof content === "string" ? utf8(content) : content),
  }));
}

/** A stream of the given chunks. */
export async function* once(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

/** Registers a model of one small file. */
export function model(registry: Registry, name: string, content: string, more: object = {}): Promise<VersionRow> {
  return registry.register({
    tenant: "default",
    kind: "model",
    name,
    files: filesOf({ "model.onnx": content }),
    ...more,
  });
}

/** Registers a dataset of one small file. */
export function dataset(registry: Registry, name: string, content: string, more: object = {}): Promise<VersionRow> {
  return model(registry, name, content, { kind: "dataset", files: filesOf({ "rows.csv": content }), ...more });
}

/** Puts a gate verdict about a version on record. */
export function verdict(
  registry: Registry,
  row: VersionRow,
  alias = "prod",
  changes: { readonly [key: string]: unknown } = {},
  signers?: readonly Signer[],
): Promise<StatementRow> {
  const predicate = {
    outcome: "pass",
    tenant: row.tenant,
    name: row.name,
    alias,
    version: row.digest,
    policy: { name: "test", digest: row.digest },
    evaluatedAt: "2026-01-01T00:00:00.000Z",
    requirements: [],
    ...changes,
  };
  return registry.declare({
    tenant: row.tenant,
    version: row.digest,
    predicateType: "urn:castellan:gate-verdict:v1",
    predicate,
    ...(signers ? { signers } : {}),
  });
}

/** Passes the gate and promotes. */
export async function promoted(registry: Registry, row: VersionRow, alias = "prod", canary?: number): Promise<void> {
  const { digest } = await verdict(registry, row, alias);
  const { tenant, name } = row;
  await registry.promote({ tenant, name, alias, version: row.digest, verdict: digest, canary });
}

/** What an alias points to now. */
export async function pointsTo(home: TestHome, ref: string): Promise<Digest | undefined> {
  const { tenant, name, at } = parseRef(ref);
  return "alias" in at ? (await home.repository.alias(tenant, name, at.alias))?.digest : undefined;
}

/** Everything a stream yields. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
