import { armor, dearmor, looksArmored } from "./armor.ts";
import { openPayload, splitFile } from "./decrypt.ts";
import { assemble } from "./encrypt.ts";
import { newFileKey, unwrapping, wrapping } from "./file-key.ts";
import { type Deriving, runPooled } from "./scrypt.ts";

/** `logN` is the base-2 logarithm of the scrypt cost, 1 to 20; the default 18 takes 256 MiB and about a second. */
export interface PassphraseOptions {
  readonly logN?: number;
}

/**
 * `bytes` as an armored age file that opens with `passphrase`.
 * @throws USAGE for an empty pass phrase or a cost out of range
 */
export function encryptWithPassphrase(
  bytes: Uint8Array,
  passphrase: string,
  options: PassphraseOptions = {},
): Promise<string> {
  return runPooled(encrypting(bytes, passphrase, options));
}

/**
 * The plaintext of an age file, armored or binary, that was encrypted with `passphrase`.
 * @throws FORBIDDEN for a wrong pass phrase or a file that was not encrypted with one · MALFORMED for something that is not an age
 * file or asks for more scrypt work than 2^20 · INTEGRITY for changed or cut-off bytes
 */
export function decryptWithPassphrase(file: Uint8Array | string, passphrase: string): Promise<Uint8Array> {
  return runPooled(decrypting(file, passphrase));
}

function* encrypting(bytes: Uint8Array, passphrase: string, { logN }: PassphraseOptions): Deriving<string> {
  const fileKey = newFileKey();
  const header = yield* wrapping(fileKey, [logN === undefined ? { passphrase } : { passphrase, logN }]);
  return armor(assemble(header, bytes, fileKey));
}

function* decrypting(file: Uint8Array | string, passphrase: string): Deriving<Uint8Array> {
  const binary = typeof file === "string" || looksArmored(file) ? dearmor(file) : file;
  const { header, payload } = splitFile(binary);
  return openPayload(payload, yield* unwrapping(header, [{ passphrase }]));
}
