import { fromBase64, textOf, toBase64 } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import { parseTreeSize } from "../checkpoint.ts";

// The body of `POST /add-checkpoint`, read by witnesses and written by logs. https://c2sp.org/tlog-witness

const maxHashes = 63;

/** What a log asks a witness. */
export interface AddCheckpoint {
  /** Size of the checkpoint the log believes the witness cosigned last; 0 for none. */
  readonly oldSize: number;
  /** RFC 6962 §2.1.2 consistency proof from there to the new checkpoint; 32 bytes each, at most 63. */
  readonly proof: readonly Uint8Array[];
  /** The new checkpoint, signed by the log. */
  readonly checkpoint: string;
}

/** The request body. */
export function writeAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return `${[`old ${oldSize}`, ...proof.map(toBase64)].join("\n")}\n\n${checkpoint}`;
}

/** Reads a request body. @throws MALFORMED */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  const text = textOf(body, "the request");
  const end = text.indexOf("\n\n");
  const [old, ...hashes] = text.slice(0, Math.max(end, 0)).split("\n", maxHashes + 2);
  if (end < 0 || !old?.startsWith("old ")) return fail("MALFORMED", 'a request has a line "old N" and a blank line');
  if (hashes.length > maxHashes) fail("MALFORMED", `a consistency proof has at most ${maxHashes} hashes`);
  const proof = hashes.map((line) => {
    const hash = fromBase64(line, "a hash of the proof");
    return hash.length === 32 ? hash : fail("MALFORMED", "a hash of the proof has 32 bytes");
  });
  return { oldSize: parseTreeSize(old.slice("old ".length), "the old size"), proof, checkpoint: text.slice(end + 2) };
}
