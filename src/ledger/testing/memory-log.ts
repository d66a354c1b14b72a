import type { Signer } from "../../core/ports.ts";
import { utf8 } from "../../kit/bytes.ts";
import { formatCheckpoint } from "../checkpoint.ts";
import { consistencyProof, type HashReader, inclusionProof, leafHash, rootOfHashes } from "../merkle.ts";
import { ed25519NoteSigner, signNote, vkeyOf } from "../note.ts";
import { freshSigner } from "./signers.ts";

/** A log in memory for tests; it does what it is told, forking and rolling back included. */
export interface MemoryLog {
  readonly origin: string;
  readonly vkey: string;
  readonly signer: Signer;
  readonly entries: Uint8Array[];
  append(...texts: string[]): MemoryLog;
  root(size?: number): Uint8Array;
  /** A signed checkpoint at `size` (default: all entries). */
  checkpoint(size?: number): Promise<string>;
  inclusionProof(index: number, size: number): Promise<Uint8Array[]>;
  consistencyProof(older: number, newer: number): Promise<Uint8Array[]>;
  /** Another log under the same key whose entries from `at` on are its own. */
  fork(at: number): MemoryLog;
}

/** A log in memory under `origin`, starting with `entries`. */
export function memoryLog(origin = "example.com/log", signer = freshSigner(), entries: Uint8Array[] = []): MemoryLog {
  const read: HashReader = async (level, index) => {
    const width = 2 ** level;
    return rootOfHashes(entries.slice(index * width, (index + 1) * width).map(leafHash));
  };
  const log: MemoryLog = {
    origin,
    signer,
    entries,
    vkey: vkeyOf(origin, signer.publicKey),
    append(...texts) {
      entries.push(...texts.map(utf8));
      return log;
    },
    root: (size = entries.length) => rootOfHashes(entries.slice(0, size).map(leafHash)),
    checkpoint: (size = entries.length) =>
      signNote(formatCheckpoint({ origin, size, root: log.root(size), extensions: [] }), [
        ed25519NoteSigner(origin, signer),
      ]),
    inclusionProof: (index, size) => inclusionProof(read, index, size),
    consistencyProof: (older, newer) => consistencyProof(read, older, newer),
    fork: (at) => memoryLog(origin, signer, entries.slice(0, at)),
  };
  return log;
}
