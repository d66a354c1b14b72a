import { fromBase64, toBase64 } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { type NoteVerifier, openNote, parseVkey } from "./note.ts";

// Checkpoints: a log's signed statement of its size and root hash. https://c2sp.org/tlog-checkpoint

/** A log's tree head. */
export interface Checkpoint {
  /** Names the log; its first line and the name of its key. */
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  /** RFC 6962 root hash over them, 32 bytes. */
  readonly root: Uint8Array;
  /** Further lines, opaque; normally none. */
  readonly extensions: readonly string[];
}

/** The note text of a checkpoint. @throws MALFORMED when its parts could not be read back */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  const text = `${[origin, String(size), toBase64(root), ...extensions].join("\n")}\n`;
  const again = parseCheckpoint(text);
  if (again.origin !== origin || again.extensions.length !== extensions.length)
    fail("MALFORMED", "the lines of a checkpoint must not hold newlines");
  return text;
}

/** Reads a checkpoint's note text; says nothing about who signed it. @throws MALFORMED */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith("\n")) fail("MALFORMED", "a checkpoint ends in a newline");
  const lines = text.slice(0, -1).split("\n");
  const [origin, size, root, ...extensions] = lines;
  if (origin === undefined || size === undefined || root === undefined || lines.includes(""))
    return fail("MALFORMED", "a checkpoint has a line each for origin, size and root hash, none of them empty");
  const hash = fromBase64(root, "a checkpoint's root hash");
  if (hash.length !== 32) fail("MALFORMED", "a checkpoint's root hash has 32 bytes");
  return { origin, size: parseTreeSize(size, "a checkpoint's size"), root: hash, extensions };
}

/** A whole number in ASCII decimal without leading zeros, at most 2^53 - 1. @throws MALFORMED naming `what` */
export function parseTreeSize(text: string, what: string): number {
  const value = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : fail("MALFORMED", `${what} is not a number as this format writes it`);
}

/**
 * The checkpoint in `note`, signed by the log itself: one of `keys` (vkeys or verifiers) whose name is the origin.
 * Good signatures of other keys alone do not do.
 * @throws MALFORMED, LIMIT, SIGNATURE
 */
export function openCheckpoint(
  note: string | Uint8Array,
  keys: string | NoteVerifier | readonly (string | NoteVerifier)[],
): Checkpoint {
  const list: readonly (string | NoteVerifier)[] = typeof keys === "string" || "verify" in keys ? [keys] : keys;
  const verifiers = list.map((key) => (typeof key === "string" ? parseVkey(key) : key));
  const { text, verified } = openNote(note, verifiers);
  const checkpoint = parseCheckpoint(text);
  if (!verified.some(({ name }) => name === checkpoint.origin))
    fail("SIGNATURE", {
      message: `this checkpoint is of the log "${checkpoint.origin.slice(0, 80)}", but none of the keys of that name signed it`,
      where: `signed by ${verified.map(({ name }) => name).join(", ")}`,
    });
  return checkpoint;
}
