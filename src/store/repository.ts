import type { AssetInput, AssetKind, AssetTerms, Manifest } from "../core/asset.ts";
import type { Digest } from "../kit/digest.ts";

/**
 * A registered, immutable version of an asset. A digest is registered at most once per tenant, whatever the name: ending
 * it ends every use of those bytes.
 */
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

/**
 * The ciphertext of one file of one version, stored with the pending registration and hence before the version.
 * `blobKey` is unique in the store: no two objects share a blob, so erasing one erases its bytes. The age header wraps its key;
 * without header the bytes are gone for good.
 */
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
 * The metadata store. One instance is one connection; all writes happen inside {@link Repository.transaction} (a write
 * outside one gets its own). Everything a caller gets back is a plain value. Unknown rows are `undefined`, never an error;
 * lists come in the order the rows were added unless their method says otherwise.
 *
 * Text: free text (terms, facts of a version, `why`) keeps every character, U+0000 included. Identifiers (tenants, names, aliases, paths,
 * roles, blob keys, topics, fact keys and values) refuse U+0000 and half surrogate pairs (MALFORMED) and more than 2,000
 * bytes (LIMIT; fact values 64 KiB). A value JSON cannot carry unchanged is refused (MALFORMED).
 *
 * Errors of all methods: CONFLICT (it exists), NOT_FOUND (it names something that does not), MALFORMED, LIMIT, FORBIDDEN
 * (opened read-only), BUSY, UNAVAILABLE, STORAGE_FULL, IO, INTEGRITY (the store holds what we never wrote), INTERNAL.
 */
export interface Repository {
  /**
   * Runs `work` atomically: all its writes become durable together, or none does. Writing transactions run one at a time
   * among all processes. Nested calls join the outer one, as does a call on the outer repository made from within `work`.
   * The first operation that fails dooms the transaction, even when its error is caught. `work` may run again after a
   * conflict with another process: it changes nothing but the store.
   */
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
  /** Live becomes revoked or erased, revoked becomes erased. @throws NOT_FOUND; CONFLICT for any other change */
  endVersion(tenant: string, digest: Digest, state: "revoked" | "erased", statement: Digest): Promise<void>;
  /** Sets `flaggedBy` unless it is set. @throws NOT_FOUND */
  flagVersion(tenant: string, digest: Digest, because: Digest): Promise<void>;

  addObjects(rows: readonly ObjectRow[]): Promise<void>;
  /** Ordered by the UTF-8 bytes of their paths. */
  objects(tenant: string, version: Digest): Promise<readonly ObjectRow[]>;
  /** Read in pages: rows added meanwhile may or may not appear, and writing between two rows is fine. */
  allObjects(): AsyncIterable<ObjectRow>;
  /** Replaces the wrapped key of an object (rotation). @throws NOT_FOUND; ERASED when its key was destroyed */
  rewrapObject(tenant: string, version: Digest, path: string, header: Uint8Array, wrappedFor: string): Promise<void>;
  /** Forgets the wrapped keys of all objects of a version; returns how many there were. */
  destroyKeys(tenant: string, version: Digest): Promise<number>;

  addStatement(row: StatementRow): Promise<void>;
  statement(digest: Digest): Promise<StatementRow | undefined>;
  statementsAbout(tenant: string, subject: Digest): Promise<readonly StatementRow[]>;
  /** Read in pages, as {@link Repository.allObjects}. */
  statements(tenant?: string): AsyncIterable<StatementRow>;
  pendingStatements(): Promise<readonly StatementRow[]>;
  /** Again with the same index is fine. @throws NOT_FOUND; CONFLICT when it, or the index, is on the log otherwise */
  markLogged(digest: Digest, logIndex: number): Promise<void>;

  /** @throws CONFLICT unless `sequence` is greater than any this alias has seen, also before it was removed */
  setAlias(row: AliasHistoryRow): Promise<void>;
  /** Takes the alias away and writes `row` into its history. @throws NOT_FOUND, CONFLICT as {@link Repository.setAlias} */
  removeAlias(row: AliasHistoryRow): Promise<void>;
  alias(tenant: string, name: string, alias: string): Promise<AliasRow | undefined>;
  /** Ordered by tenant, name, alias. */
  aliases(tenant?: string): Promise<readonly AliasRow[]>;
  aliasHistory(tenant: string, name: string): Promise<readonly AliasHistoryRow[]>;

  /** @throws CONFLICT unless `epoch` is greater than the one this scope and target has */
  setKill(row: KillRow): Promise<void>;
  /** Ordered by scope and target. */
  kills(): Promise<readonly KillRow[]>;

  /** Small named facts: store format version, current store key … */
  fact(key: string): Promise<string | undefined>;
  /** @throws USAGE for the store's own format version */
  setFact(key: string, value: string): Promise<void>;

  /**
   * A number that changes whenever any committed write by anybody may have changed what is served. Cheap: polled every
   * 50 ms. Every transaction that wrote anything but facts counts up by one; inside a transaction its own writes do not show.
   */
  revision(): Promise<number>;
  close(): Promise<void>;
}
