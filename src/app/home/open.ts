import type { KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BlobStore, Signer } from "../../core/ports.ts";
import { type Clock } from "../../kit/clock.ts";
import { fail } from "../../kit/errors.ts";
import { openOwnLog } from "../../ledger/own-log.ts";
import type { LogReader } from "../../ledger/reader.ts";
import { parseVkey } from "../../ledger/vkey.ts";
import { type LogWriter, openLogWriter } from "../../ledger/writer.ts";
import type { RegistryOptions } from "../../registry/context.ts";
import { openRegistry, type Registry } from "../../registry/registry.ts";
import { parsePrivateKey, parsePublicKey, signerOf } from "../../seal/keys.ts";
import { diskBlobs } from "../../store/blobs/disk.ts";
import { s3Blobs } from "../../store/blobs/s3.ts";
import { openPostgresRepository } from "../../store/postgres/open.ts";
import type { Repository } from "../../store/repository.ts";
import { openSqliteRepository } from "../../store/sqlite/open.ts";
import type { S3Settings, Settings } from "../config/settings.ts";
import { folderKeys } from "../keys/folder-keys.ts";
import { operatorKey } from "./create.ts";
import { type HomeLayout, homeLayout } from "./layout.ts";
import type { Certificate } from "../../seal/x509/certificate.ts";
import { readStoreKeys } from "./store-keys.ts";
import { readTrustFolder, readTrustRoots, type TrustedKey } from "./trust.ts";

/** An opened home: the registry with its store, blobs, log and keys. */
export interface Home {
  readonly layout: HomeLayout;
  readonly clock: Clock;
  readonly repository: Repository;
  readonly blobs: BlobStore;
  readonly registry: Registry;
  readonly signer: Signer;
  /** Keys whose statements are this registry's own: the signer's and its predecessors'. */
  readonly ownKeys: readonly KeyObject[];
  /** Keys trusted here, by name. */
  readonly trusted: readonly TrustedKey[];
  /** Certificate authorities trusted here for model signatures. */
  readonly roots: readonly Certificate[];
  /** Path of the policy file the gate uses. */
  readonly policy: string;
  /** The log's public key as C2SP vkey; its name is the log's origin. */
  readonly logVkey: string;
  readLog(): Promise<LogReader>;
  close(): Promise<void>;
}

/** Where state lies when it is not in the home folder itself. */
export interface HomeOptions {
  /** Policy file; the home's own when absent. */
  readonly policy?: string | undefined;
  /** PostgreSQL URL for metadata; SQLite in the home folder when absent. */
  readonly databaseUrl?: string | undefined;
  /** Object store for blobs; the home folder when absent. */
  readonly s3?: S3Settings | undefined;
}

const systemClock: Clock = { now: () => Date.now() };

/** The parts of a home from which its registry is opened. */
export interface HomeParts {
  readonly layout: HomeLayout;
  readonly logVkey: string;
  readonly registryOptions: RegistryOptions;
}

/**
 * Opens keys, store, blobs and log of the home at `root`, but not the registry over them. The caller closes the repository.
 * @throws NOT_FOUND when there is no home · CONFIG, INTEGRITY, BUSY, MALFORMED when it cannot be used
 */
export async function openHomeParts(root: string, options: HomeOptions = {}): Promise<HomeParts> {
  const layout = homeLayout(root);
  if (!existsSync(layout.logKey)) {
    fail("NOT_FOUND", {
      message: "There is no castellan home here",
      where: root,
      next: 'Run "castellan init" first, or say where it is with --home.',
    });
  }
  const logVkey = readFileSync(layout.logVkey, "utf8").trim();
  const { name: origin } = parseVkey(logVkey);
  const logSigner = signerOf(await parsePrivateKey(readFileSync(layout.logKey), layout.logKey));
  const signer = await folderKeys({ folder: layout.keys }).open(operatorKey);
  const { current, others } = readStoreKeys(layout);
  const repository = options.databaseUrl
    ? await openPostgresRepository({ url: options.databaseUrl })
    : await openSqliteRepository({ path: layout.store, clock: systemClock });
  const openLog = (): Promise<LogWriter> =>
    openLogWriter({ dir: layout.log, origin, signer: logSigner, clock: systemClock });
  const registryOptions: RegistryOptions = {
    repository,
    blobs: options.s3 ? s3Blobs(options.s3) : diskBlobs(layout.blobs),
    openLog,
    readLog: () => openOrStartLog(layout, logVkey, openLog),
    signer,
    formerKeys: formerKeys(layout),
    storeKey: current,
    olderIdentities: others,
    clock: systemClock,
  };
  return { layout, logVkey, registryOptions };
}

/**
 * Opens the home folder at `root`.
 * @throws what {@link openHomeParts} throws · BUSY, SIGNATURE, CONFLICT when the registry cannot be opened
 */
export async function openHome(root: string, options: HomeOptions = {}): Promise<Home> {
  const { layout, logVkey, registryOptions } = await openHomeParts(root, options);
  const { repository, blobs, signer, clock, readLog, formerKeys: former = [] } = registryOptions;
  try {
    const registry = await openRegistry(registryOptions);
    return {
      layout,
      clock,
      repository,
      blobs,
      registry,
      signer,
      ownKeys: [signer.publicKey, ...former],
      trusted: readTrustFolder(layout.trust),
      roots: readTrustRoots(layout.trust),
      policy: options.policy ?? layout.policy,
      logVkey,
      readLog,
      close: () => repository.close(),
    };
  } catch (error) {
    await repository.close();
    throw error;
  }
}

/** A log nobody has written to yet has no checkpoint; opening it for writing once makes one. */
async function openOrStartLog(layout: HomeLayout, vkey: string, openLog: () => Promise<LogWriter>): Promise<LogReader> {
  if (!existsSync(join(layout.log, "checkpoint"))) {
    const writer = await openLog();
    await writer.publish();
    await writer.close();
  }
  return openOwnLog(layout.log, vkey);
}

/** Public keys the operator signed with before: `keys/operator.former-<n>.pub.pem`. */
function formerKeys(layout: HomeLayout): KeyObject[] {
  const keys: KeyObject[] = [];
  for (let n = 1; ; n++) {
    const path = join(layout.keys, `${operatorKey}.former-${n}.pub.pem`);
    if (!existsSync(path)) return keys;
    keys.push(parsePublicKey(readFileSync(path), path));
  }
}

/** The part of the settings that says where a home's state lies. */
export function homeOptionsOf({ policy, store, blobs }: Pick<Settings, "policy" | "store" | "blobs">): HomeOptions {
  return { policy, databaseUrl: store.url, s3: blobs.s3 };
}
