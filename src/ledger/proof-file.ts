import { fromBase64, toBase64 } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { type Checkpoint, openCheckpoint, parseTreeSize } from "./checkpoint.ts";
import { leafHash, verifyInclusion } from "./merkle.ts";
import { noteLimits, parseNote, parseVkey } from "./note.ts";
import { checkQuorum, quorumOf } from "./quorum.ts";

// Offline proof that an entry is on a log: its index, its inclusion proof and the log's checkpoint, in one text file.
// https://c2sp.org/tlog-proof

const header = "c2sp.org/tlog-proof@v1";
const maxHashes = 63;
const maxExtraBytes = 1_000_000;
const maxBytes = noteLimits.bytes + 2 * maxExtraBytes;

/** The parts of a proof file. */
export interface TlogProof {
  /** Position of the entry on the log, from 0. */
  readonly index: number;
  /** RFC 6962 §2.1.1 audit path, the leaf's sibling first; 32 bytes each. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint, cosignatures and all, verbatim. */
  readonly checkpoint: string;
  /** Whatever the application wants to carry along. Nothing authenticates it. */
  readonly extra?: Uint8Array;
}

/** What a verified proof file proves. */
export interface ProvenEntry {
  readonly index: number;
  /** Size of the log the checkpoint speaks of. */
  readonly size: number;
  readonly origin: string;
  /** The log's root hash at that size. */
  readonly root: Uint8Array;
  /** Names of the witnesses asked about that cosigned the checkpoint. */
  readonly cosignedBy: readonly string[];
}

/** Whom to believe about a proof file. */
export interface ProofTrust {
  /** The log's vkey. */
  readonly logKey: string;
  /** vkeys of witnesses. */
  readonly witnesses?: readonly string[];
  /** How many of them must have cosigned; all when not given. */
  readonly quorum?: number;
}

/** The text of a proof file (customary ending: `.tlog-proof`). @throws MALFORMED, LIMIT when it could not be read back */
export function writeTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  const lines = [header];
  if (extra && extra.length > 0) lines.push(`extra ${toBase64(extra)}`);
  lines.push(`index ${index}`, ...proof.map(toBase64));
  const text = `${lines.join("\n")}\n\n${checkpoint}`;
  parseTlogProof(text);
  return text;
}

/** Takes a proof file apart; verifies nothing. @throws MALFORMED, LIMIT */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > maxBytes) fail("LIMIT", `a proof file may have at most ${maxBytes} bytes`);
  const end = text.indexOf("\n\n");
  if (end < 0) fail("MALFORMED", "a proof file has a blank line before its checkpoint");
  const [first, ...lines] = text.slice(0, end).split("\n", maxHashes + 4);
  if (first !== header)
    fail("MALFORMED", { message: `this is not a proof file: its first line is not "${header}"`, where: first });
  const extra = lines[0]?.startsWith("extra ") ? parseExtra(lines.shift()!.slice("extra ".length)) : undefined;
  const index = parseIndex(lines.shift());
  if (lines.length > maxHashes) fail("MALFORMED", `a proof file has at most ${maxHashes} hashes`);
  const proof = lines.map((line) => {
    const hash = fromBase64(line, "a hash of the proof");
    return hash.length === 32 ? hash : fail("MALFORMED", "a hash of the proof has 32 bytes");
  });
  const checkpoint = text.slice(end + 2);
  parseNote(checkpoint);
  return extra ? { index, proof, checkpoint, extra } : { index, proof, checkpoint };
}

function parseExtra(encoded: string): Uint8Array {
  if (encoded.length > 2 * maxExtraBytes) fail("LIMIT", `a proof file carries at most ${maxExtraBytes} extra bytes`);
  return fromBase64(encoded, "the extra data of the proof");
}

function parseIndex(line: string | undefined): number {
  if (!line?.startsWith("index ")) return fail("MALFORMED", 'a proof file has a line "index N"');
  return parseTreeSize(line.slice("index ".length), "the index of the proof");
}

/**
 * Proves offline that `entry` stands on the log whose key is `logKey`, at the index the file states, under a checkpoint
 * the log signed and enough witnesses cosigned.
 * @throws MALFORMED, LIMIT for bad files; SIGNATURE when log or witnesses did not sign; INTEGRITY when the entry is not
 * the one proven; CONFIG for a rule that makes no sense
 */
export function verifyTlogProof(text: string, entry: Uint8Array, trust: ProofTrust): ProvenEntry {
  return tlogProofVerifier(trust)(text, entry);
}

/**
 * {@link verifyTlogProof} for many proofs under one trust: keys are read once, and proofs that carry the same checkpoint,
 * to the byte, as the one before do not have its signatures verified again.
 * @throws CONFIG for a rule that makes no sense; MALFORMED, UNSUPPORTED for bad keys
 */
export function tlogProofVerifier(trust: ProofTrust): (text: string, entry: Uint8Array) => ProvenEntry {
  const log = parseVkey(trust.logKey);
  const witnesses = trust.witnesses ?? [];
  const asked = witnesses.length > 0 || trust.quorum !== undefined;
  const rule = asked ? quorumOf({ n: trust.quorum ?? witnesses.length, witnesses }, log) : undefined;
  let last: (Checkpoint & { readonly note: string; readonly cosignedBy: readonly string[] }) | undefined;

  return (text, entry) => {
    const { index, proof, checkpoint } = parseTlogProof(text);
    if (last?.note !== checkpoint) {
      const opened = openCheckpoint(checkpoint, log);
      const cosignedBy = rule ? checkQuorum(checkpoint, rule).map(({ name }) => name) : [];
      last = { ...opened, note: checkpoint, cosignedBy };
    }
    const { size, origin, root, cosignedBy } = last;
    verifyInclusion(index, size, leafHash(entry), root, proof);
    return { index, size, origin, root, cosignedBy };
  };
}
