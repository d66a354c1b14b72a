import { randomBytes, scrypt, scryptSync } from "node:crypto";
import { concat, utf8 } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import { open, seal } from "./aead.ts";
import { broken } from "./header.ts";
import { fromRawBase64, rawBase64 } from "./raw-base64.ts";
import type { Stanza } from "./stanza.ts";

const label = utf8("age-encryption.org/v1/scrypt");
const zeroNonce = new Uint8Array(12);

/** log2 of the scrypt cost we encrypt with by default: 256 MiB and about a second. */
const defaultLogN = 18;

/** Largest log2 cost we follow when decrypting (1 GiB, some four seconds): the file's author chooses it, we pay it. */
const maxLogN = 20;

/** A derivation that is slow on purpose. Work that needs one yields it, and the driver decides where it runs. */
export interface Derivation {
  readonly passphrase: string;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  readonly logN: number;
}

/** Work that may need derivations: it yields each and is resumed with the 32-byte result. */
export type Deriving<T> = Generator<Derivation, T, Uint8Array>;

/** Runs `work` on this thread, which blocks while a pass phrase is stretched. */
export function runHere<T>(work: Deriving<T>): T {
  let step = work.next();
  while (!step.done) {
    const { passphrase, salt, logN } = step.value;
    step = work.next(scryptSync(utf8(passphrase), concat(label, salt), 32, cost(logN)));
  }
  return step.value;
}

/** Runs `work` with its derivations on the thread pool. */
export async function runPooled<T>(work: Deriving<T>): Promise<T> {
  let step = work.next();
  while (!step.done) step = work.next(await stretch(step.value));
  return step.value;
}

/** A pass-phrase stanza; must be the only one in its header (C2SP age, "scrypt recipient stanza"). @throws USAGE */
export function* wrapForPassphrase(fileKey: Uint8Array, passphrase: string, logN = defaultLogN): Deriving<Stanza> {
  if (!Number.isInteger(logN) || logN < 1 || logN > maxLogN) fail("USAGE", `logN must be 1 to ${maxLogN}`);
  if (passphrase === "") fail("USAGE", "the pass phrase is empty");
  const salt = randomBytes(16);
  const wrapKey = yield { passphrase, salt, logN };
  return { args: ["scrypt", rawBase64(salt), String(logN)], body: seal(wrapKey, zeroNonce, fileKey) };
}

/**
 * The file key when `passphrase` fits `stanza`, else undefined.
 * @throws MALFORMED for a broken scrypt stanza or one that asks for more work than 2^20
 */
export function* unwrapWithPassphrase(stanza: Stanza, passphrase: string): Deriving<Uint8Array | undefined> {
  if (stanza.args[0] !== "scrypt") return undefined;
  const [, saltText, work] = stanza.args;
  const salt = stanza.args.length === 3 ? fromRawBase64(saltText!) : undefined;
  if (salt?.length !== 16 || stanza.body.length !== 32 || !/^[1-9]\d*$/.test(work!))
    return broken("has a broken scrypt stanza");
  const logN = Number(work);
  if (logN > maxLogN) broken(`asks for scrypt work 2^${work!.slice(0, 9)}; we follow up to 2^${maxLogN}`);
  return open(yield { passphrase, salt, logN }, zeroNonce, stanza.body);
}

function stretch({ passphrase, salt, logN }: Derivation): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(utf8(passphrase), concat(label, salt), 32, cost(logN), (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** r = 8, p = 1 are fixed by the specification; scrypt then needs 128·r·N bytes and a little. */
function cost(logN: number) {
  const N = 2 ** logN;
  return { N, r: 8, p: 1, maxmem: 128 * 8 * (N + 1024) };
}
