import type { KeyObject } from "node:crypto";
import type { BlobStore, Signer } from "../core/ports.ts";
import type { Clock } from "../kit/clock.ts";
import type { LogReader } from "../ledger/reader.ts";
import type { LogWriter } from "../ledger/writer.ts";
import type { Repository } from "../store/repository.ts";

/** An age X25519 key pair: the secret `AGE-SECRET-KEY-1…` and the public `age1…`. */
export interface StoreKey {
  readonly identity: string;
  readonly recipient: string;
}

/** What a registry works with. */
export interface RegistryOptions {
  readonly repository: Repository;
  readonly blobs: BlobStore;
  /** Opens the log for appending; takes its exclusive lock, which every state change of every process holds. @throws BUSY */
  readonly openLog: () => Promise<LogWriter>;
  /** Opens the same log for reading. */
  readonly readLog: () => Promise<LogReader>;
  /** Signs what the registry records. */
  readonly signer: Signer;
  /** Public keys this registry signed with before `signer`: their statements still count as its own. */
  readonly formerKeys?: readonly KeyObject[];
  /** Keys whose gate verdicts admit a version, beside the registry's own. */
  readonly verdictKeys?: readonly KeyObject[];
  /** Wraps the keys of newly stored objects, and unwraps them. */
  readonly storeKey: StoreKey;
  /** Identities of earlier store keys, for reading what a rotation has not reached. */
  readonly olderIdentities?: readonly string[];
  readonly clock: Clock;
  /** Work although the clock stands more than a day before the last record. For the case that the record's time was wrong. */
  readonly acceptClockSetback?: boolean;
}

/** The options with what all operations share. */
export interface Context extends Omit<RegistryOptions, "storeKey" | "olderIdentities"> {
  /** Public keys whose statements are the registry's own. */
  readonly ownKeys: readonly KeyObject[];
  /** Changes once: when this process rotates the store key. */
  readonly keyring: Keyring;
  /** Runs state changes of this process one after the other. */
  readonly turn: Turn;
}

/** The store keys at hand; mutable because a rotation replaces the current one. */
export interface Keyring {
  current: StoreKey;
  identities: readonly string[];
}

/** Runs `work` when all earlier turns are over. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** The context of a registry with `options`. */
export function contextOf(options: RegistryOptions): Context {
  const { storeKey, olderIdentities = [], ...rest } = options;
  return {
    ...rest,
    ownKeys: [options.signer.publicKey, ...(options.formerKeys ?? [])],
    keyring: { current: storeKey, identities: [storeKey.identity, ...olderIdentities] },
    turn: turns(),
  };
}

function turns(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
