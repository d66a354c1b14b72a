import type { AssetInput, AssetKind, AssetTerms, Manifest } from "../core/asset.ts";
import type { Digest } from "../kit/digest.ts";

/** A registered, immutable version of an asset. */
export interface VersionRow extends AssetTerms {
  readonly tenant: string;
  readonly kind: AssetKind;
  readonly name: string;
  readonly digest: Digest;
  /** Random 16-byte hex id under which this version's leaves stand on the log: says nothing to who lacks the documents. */
  readonly topic: string;
  readonly manifest: Manifest;
  readonly inputs: readonly AssetInput[];
  /** Free facts recorded at registration: parameters, feature encoding, import source. */
  readonly facts: { readonly [key: string]: unknown };
  readonly registeredAt: string;
  /** Digest of the registration statement's envelope. */
  readonly statement: Digest;
  readonly state: "live" | "revoked" | "erased";
  /** Statement that revoked or erased it. */
  readonly endedBy?: Digest | undefined;
  /** Digest of a revoked or erased ancestor, when one exists. */
  readonly flaggedBy?: Digest | undefined;
}

/** The ciphertext of one file of one version. The age header wraps its key; without header the bytes are gone for good. */
export interface ObjectRow {
  readonly tenant: string;
  readonly version: Digest;
  readonly path: string;
  readonly blobKey: string;
  /** age v1 header bytes (wrapped file key), or undefined once erased. */
  readonly header?: Uint8Array | undefined;
  /** Recipient (store key) the header is wrapped for. */
  readonly wrappedFor: string;
}

/** A signed statement: the exact envelope bytes and their place on the log. */
export interface StatementRow {
  readonly digest: Digest;
  readonly tenant: string;
  readonly predicateType: string;
  /** Digests (`sha256:…`) of the subjects. */
  readonly subjects: readonly Digest[];
  readonly envelope: Uint8Array;
  /** What a signature bundle needs beside the envelope (OpenSSF Model Signing): the whole bundle's bytes. */
  readonly bundle?: Uint8Array | undefined;
  readonly salt: Uint8Array;
  /** The leaf's bytes as they are (or will be) on the log. */
  readonly leaf: Uint8Array;
  readonly recordedAt: string;
  /** "pending" until the log acknowledged the leaf and its effect was applied. */
  readonly state: "pending" | "logged";
  readonly logIndex?: number | undefined;
}

/** What an alias points to; `canary` gets `canaryWeight` percent of the requests. */
export interface AliasRow {
  readonly tenant: string;
  readonly name: string;
  readonly alias: string;
  readonly digest: Digest;
  readonly canary?: Digest | undefined;
  readonly canaryWeight: number;
  /** Counts up with every change of this alias. */
  readonly sequence: number;
  readonly statement: Digest;
  readonly changedAt: string;
}

/** A past or present setting of an alias. */
export interface AliasHistoryRow extends AliasRow {
  readonly action: "promote" | "rollback" | "withdraw";
}

/** Kill-switch setting for everything, a tenant, or a model. */
export interface KillRow {
  readonly scope: "all" | "tenant" | "model";
  /** "" for all, the tenant, or `tenant/name`. */
  readonly target: string;
  readonly killed: boolean;
  readonly epoch: number;
  readonly why: string;
  readonly statement: Digest;
}

/**
 * The metadata store. One instance is one connection; all writes happen inside {@link Repository.transaction}.
 * Everything a caller gets back is a plain value. Unknown rows are `undefined`, never an error.
 */
export interface Repository {
  /** Runs `work` atomically: all its writes become durable together, or none does. Nested calls join the outer one. */
  transaction<T>(work: (tx: Repository) => Promise<T>): Promise<T>;

  /** @throws CONFLICT when the tenant exists */
  addTenant(tenant: string, createdAt: string): Promise<void>;
  tenants(): Promise<readonly string[]>;

  addVersion(row: VersionRow): Promise<void>;
  version(tenant: string, digest: Digest): Promise<VersionRow | undefined>;
  versionsNamed(tenant: string, name: string): Promise<readonly VersionRow[]>;
  versions(tenant?: string): Promise<readonly VersionRow[]>;
  /** Versions that name `digest` among their inputs. */
  derivedFrom(tenant: string, digest: Digest): Promise<readonly VersionRow[]>;
  endVersion(tenant: string, digest: Digest, state: "revoked" | "erased", statement: Digest): Promise<void>;
  flagVersion(tenant: string, digest: Digest, because: Digest): Promise<void>;

  addObjects(rows: readonly ObjectRow[]): Promise<void>;
  objects(tenant: string, version: Digest): Promise<readonly ObjectRow[]>;
  allObjects(): AsyncIterable<ObjectRow>;
  /** Replaces the wrapped key of an object (rotation). */
  rewrapObject(tenant: string, version: Digest, path: string, header: Uint8Array, wrappedFor: string): Promise<void>;
  /** Forgets the wrapped keys of all objects of a version. */
  destroyKeys(tenant: string, version: Digest): Promise<number>;

  addStatement(row: StatementRow): Promise<void>;
  statement(digest: Digest): Promise<StatementRow | undefined>;
  statementsAbout(tenant: string, subject: Digest): Promise<readonly StatementRow[]>;
  statements(tenant?: string): AsyncIterable<StatementRow>;
  pendingStatements(): Promise<readonly StatementRow[]>;
  markLogged(digest: Digest, logIndex: number): Promise<void>;

  setAlias(row: AliasHistoryRow): Promise<void>;
  removeAlias(row: AliasHistoryRow): Promise<void>;
  alias(tenant: string, name: string, alias: string): Promise<AliasRow | undefined>;
  aliases(tenant?: string): Promise<readonly AliasRow[]>;
  aliasHistory(tenant: string, name: string): Promise<readonly AliasHistoryRow[]>;

  setKill(row: KillRow): Promise<void>;
  kills(): Promise<readonly KillRow[]>;

  /** Small named facts: store format version, current store key … */
  fact(key: string): Promise<string | undefined>;
  setFact(key: string, value: string): Promise<void>;

  /** A number that changes whenever any committed write by anybody may have changed what is served. Cheap: polled every 50 ms. */
  revision(): Promise<number>;
  close(): Promise<void>;
}
