import { fromBase64, toBase64, toHex, utf8 } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { isKeyName, type NoteSigner, type NoteVerifier } from "./vkey.ts";

export {
  cosigner,
  cosignerVkeyOf,
  ed25519NoteSigner,
  type NoteSigner,
  type NoteVerifier,
  parseVkey,
  vkeyOf,
} from "./vkey.ts";

// Signed notes: a text and the signature lines below it. https://c2sp.org/signed-note

/** Bounds on what is read: a note is a page of text, not a document. */
export const noteLimits = Object.freeze({ bytes: 1_000_000, signatures: 100 });

/** A signature line as it stands in a note; says nothing about whether it is good. */
export interface NoteSignature {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
  /** The whole line with its newline. */
  readonly line: string;
}

/** A key that signed the note. */
export interface VerifiedSignature {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  /** POSIX seconds; cosignatures only. */
  readonly timestamp?: number;
}

/** A note taken apart, nothing verified. */
export interface ParsedNote {
  /** Text including its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The note that holds `text` and one signature line per signer, in order.
 * @throws MALFORMED when `text` does not end in a newline or holds control characters
 */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<string> {
  checkText(text);
  const bytes = utf8(text);
  const lines: string[] = [];
  for (const signer of signers) lines.push(signatureLine(signer.name, signer.keyId, await signer.sign(bytes)));
  if (lines.length === 0) fail("USAGE", "a signed note needs at least one signer");
  return `${text}\n${lines.join("")}`;
}

/** One signature line: em dash, name, base64 of key id and signature, newline. */
export function signatureLine(name: string, keyId: Uint8Array, signature: Uint8Array): string {
  return `\u2014 ${name} ${toBase64(Buffer.concat([keyId, signature]))}\n`;
}

/** Takes a note apart by its form alone. @throws MALFORMED, LIMIT */
export function parseNote(note: string | Uint8Array): ParsedNote {
  const whole = decode(note);
  const split = whole.lastIndexOf("\n\n");
  if (split < 0) fail("MALFORMED", "a signed note has a blank line between its text and its signatures");
  const text = whole.slice(0, split + 1);
  checkText(text);
  return { text, signatures: parseSignatureLines(whole.slice(split + 2)) };
}

/** The signature lines in `lines`, which must hold at least one and end in a newline. @throws MALFORMED, LIMIT */
export function parseSignatureLines(lines: string): readonly NoteSignature[] {
  if (!lines.endsWith("\n")) fail("MALFORMED", "a signature line does not end in a newline");
  const split = lines.slice(0, -1).split("\n", noteLimits.signatures + 1);
  if (split.length > noteLimits.signatures)
    fail("LIMIT", `a note may carry at most ${noteLimits.signatures} signatures`);
  return split.map(parseSignatureLine);
}

function parseSignatureLine(line: string): NoteSignature {
  const [, name, encoded] = /^\u2014 ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
  if (name === undefined || encoded === undefined || !isKeyName(name))
    return fail("MALFORMED", `"${line.slice(0, 80)}" is not a signature line`);
  const bytes = fromBase64(encoded, "a note's signature");
  if (bytes.length < 5) fail("MALFORMED", "a note's signature is too short");
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4), line: `${line}\n` };
}

/** What a note says and which of the keys asked about have signed it. */
export interface VerifiedNote {
  readonly text: string;
  readonly verified: readonly VerifiedSignature[];
}

/**
 * The text of `note`, once at least one of `verifiers` is seen to have signed it. Lines by other keys are ignored;
 * a wrong signature by one of `verifiers` refuses the whole note. Each key is listed once (a witness that signed twice
 * with its latest time).
 * @throws MALFORMED, LIMIT, SIGNATURE
 */
export function openNote(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): VerifiedNote {
  const opened = verifyNote(note, verifiers);
  if (opened.verified.length === 0)
    fail("SIGNATURE", {
      message: "none of the keys you trust has signed this",
      where: `signed by ${parseNote(note).signatures.map(keyLabel).slice(0, 5).join(", ")}`,
      next: "Check that you were given the right key; keys are compared by name and key id.",
    });
  return opened;
}

/**
 * As {@link openNote}, but none having signed is an answer, not an error: for keys that may but need not have signed.
 * @throws MALFORMED, LIMIT; SIGNATURE when a signature of one of `verifiers` is wrong
 */
export function verifyNote(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): VerifiedNote {
  const known = new Map(verifiers.map((verifier) => [keyLabel(verifier), verifier]));
  const { text, signatures } = parseNote(note);
  const bytes = utf8(text);
  const verified = new Map<string, VerifiedSignature>();
  for (const { name, keyId, signature } of signatures) {
    const label = keyLabel({ name, keyId });
    const verifier = known.get(label);
    if (!verifier) continue;
    const said = verifier.verify(bytes, signature);
    if (!said) return fail("SIGNATURE", `the signature of ${name} (key ${toHex(keyId)}) does not verify`);
    const before = verified.get(label)?.timestamp ?? -1;
    if (!verified.has(label) || (said.timestamp ?? -1) > before) verified.set(label, { name, keyId, ...said });
  }
  return { text, verified: [...verified.values()] };
}

/** `note` with further signature lines at its end; a line it has already is not repeated. @throws MALFORMED, LIMIT */
export function appendSignatures(note: string, lines: readonly string[]): string {
  const { text, signatures } = parseNote(note);
  const all = new Set(signatures.map((signature) => signature.line));
  for (const line of lines) all.add(line);
  const joined = [...all].join("");
  parseSignatureLines(joined);
  return `${text}\n${joined}`;
}

/** How a key is told apart on signature lines: `name+hex key id`. */
export function keyLabel(key: { readonly name: string; readonly keyId: Uint8Array }): string {
  return `${key.name}+${toHex(key.keyId)}`;
}

function decode(note: string | Uint8Array): string {
  if (note.length > noteLimits.bytes) fail("LIMIT", `a signed note may have at most ${noteLimits.bytes} bytes`);
  if (typeof note === "string") return note;
  try {
    return decoder.decode(note);
  } catch (cause) {
    return fail("MALFORMED", { message: "a signed note must be UTF-8", cause });
  }
}

function checkText(text: string): void {
  if (!text.endsWith("\n")) fail("MALFORMED", "the text of a signed note ends in a newline");
  // The point of the expression is to find control characters.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text) || !text.isWellFormed())
    fail("MALFORMED", "the text of a signed note holds control characters or broken Unicode");
}
