import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as cryptoSign,
  verify as cryptoVerify,
} from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { KeyAlgorithm, Signer } from "../core/ports.ts";
import { toHex, utf8 } from "../kit/bytes.ts";
import type { Digest } from "../kit/digest.ts";
import { digestOfHex } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";

interface Scheme {
  /** OpenSSL's name of the curve; undefined for Ed25519. */
  readonly curve: string | undefined;
  /** The hash of the signature scheme; null where it is part of the scheme. */
  readonly hash: "sha256" | "sha384" | "sha512" | null;
}

/** How each algorithm signs: ECDSA with the hash of its curve's strength (FIPS 186-5), pure Ed25519 (RFC 8032). */
const schemes = {
  "ecdsa-p256": { curve: "prime256v1", hash: "sha256" },
  "ecdsa-p384": { curve: "secp384r1", hash: "sha384" },
  "ecdsa-p521": { curve: "secp521r1", hash: "sha512" },
  ed25519: { curve: undefined, hash: null },
} as const satisfies Record<KeyAlgorithm, Scheme>;

/** A fresh key pair from the system's random source. */
export function generateKey(algorithm: KeyAlgorithm): { privateKey: KeyObject; publicKey: KeyObject } {
  const { curve } = schemes[algorithm];
  return curve === undefined ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: curve });
}

/** Which algorithm a public or private key is for. @throws UNSUPPORTED for RSA, other curves and secret keys */
export function algorithmOf(key: KeyObject): KeyAlgorithm {
  if (key.asymmetricKeyType === "ed25519") return "ed25519";
  const curve = key.asymmetricKeyType === "ec" ? key.asymmetricKeyDetails?.namedCurve : undefined;
  for (const algorithm of ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521"] as const) {
    if (curve === schemes[algorithm].curve) return algorithm;
  }
  return fail("UNSUPPORTED", {
    message: `keys of type ${key.asymmetricKeyType ?? key.type}${curve ? ` on curve ${curve}` : ""} are not supported`,
    next: "Use a P-256, P-384, P-521 or Ed25519 key.",
  });
}

/** SHA-256 of the key's SubjectPublicKeyInfo DER (RFC 5280 §4.1.2.7): the name a key goes by everywhere. */
export function keyIdOf(publicKey: KeyObject): Digest {
  const der = publicOf(publicKey).export({ type: "spki", format: "der" });
  return digestOfHex(toHex(createHash("sha256").update(der).digest()));
}

/** The public half of a private key; a public key is returned as it is. */
export function publicOf(key: KeyObject): KeyObject {
  return key.type === "private" ? createPublicKey(key) : key;
}

/** A signer over a private key held in memory. @throws UNSUPPORTED, USAGE when the key is not a private one */
export function signerOf(privateKey: KeyObject): Signer {
  if (privateKey.type !== "private") fail("USAGE", "a private key is needed to sign");
  const algorithm = algorithmOf(privateKey);
  const publicKey = createPublicKey(privateKey);
  return {
    algorithm,
    publicKey,
    keyId: keyIdOf(publicKey),
    async sign(bytes) {
      return cryptoSign(schemes[algorithm].hash, bytes, privateKey);
    },
  };
}

/**
 * Does `signature` over `bytes` verify under `publicKey`? ECDSA signatures are DER (RFC 3279 §2.2.3) with the hash that
 * belongs to the curve, Ed25519 ones 64 bytes. A malformed signature is simply false.
 * @throws UNSUPPORTED for keys of another kind
 */
export function verifySignature(publicKey: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  const { hash } = schemes[algorithmOf(publicKey)];
  try {
    return cryptoVerify(hash, bytes, publicKey, signature);
  } catch {
    return false;
  }
}

/**
 * A public key from PEM (`PUBLIC KEY`, SubjectPublicKeyInfo) or its DER.
 * @throws MALFORMED naming `what` (also for private keys and certificates, which are not what was asked for); UNSUPPORTED
 */
export function parsePublicKey(pem: Uint8Array | string, what = "public key"): KeyObject {
  const bytes = typeof pem === "string" ? utf8(pem) : pem;
  const der = bytes[0] === 0x30;
  const block = der ? undefined : pemBlock(bytes, ["PUBLIC KEY"], what);
  let key: KeyObject;
  try {
    key = block
      ? createPublicKey({ key: block.text, format: "pem" })
      : createPublicKey({ key: Buffer.from(bytes), format: "der", type: "spki" });
  } catch (cause) {
    return fail("MALFORMED", { message: `${what} is not a readable public key`, cause });
  }
  algorithmOf(key);
  return key;
}

/** Labels of the private keys we read, and whether each is always encrypted. */
const privateLabels = ["PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "AGE ENCRYPTED FILE"];

/**
 * A private key from PEM: PKCS#8, SEC1 (`EC PRIVATE KEY`), encrypted PKCS#8 (RFC 5958), or PKCS#8 sealed with a pass
 * phrase by age (our own form).
 * @throws MALFORMED naming `what`; FORBIDDEN when a pass phrase is missing or wrong; UNSUPPORTED
 */
export async function parsePrivateKey(
  bytes: Uint8Array | string,
  what = "private key",
  passphrase?: string,
): Promise<KeyObject> {
  const block = pemBlock(typeof bytes === "string" ? utf8(bytes) : bytes, privateLabels, what);
  if (block.label === "AGE ENCRYPTED FILE") {
    if (passphrase === undefined) return needsPassphrase(what);
    // Loaded on demand: commands that only verify must not pay for it.
    const { decryptWithPassphrase } = await import("./age/passphrase.ts");
    const plain = await decryptWithPassphrase(utf8(block.text), passphrase);
    return parsePrivateKey(plain, what);
  }
  const encrypted = block.label === "ENCRYPTED PRIVATE KEY" || block.text.includes("Proc-Type: 4,ENCRYPTED");
  if (encrypted && passphrase === undefined) return needsPassphrase(what);
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: block.text, format: "pem", ...(encrypted ? { passphrase: passphrase! } : {}) });
  } catch (cause) {
    if (encrypted) {
      return fail("FORBIDDEN", {
        message: `${what} cannot be decrypted: the pass phrase is wrong, or the file is damaged`,
        cause,
      });
    }
    return fail("MALFORMED", { message: `${what} is not a readable private key`, cause });
  }
  algorithmOf(key);
  return key;
}

/** PKCS#8 PEM of a private key; with a pass phrase, that PEM encrypted by age (scrypt) in its armored form. */
export async function writePrivateKey(key: KeyObject, passphrase?: string): Promise<string> {
  const pem = key.export({ type: "pkcs8", format: "pem" }) as string;
  if (passphrase === undefined) return pem;
  const { encryptWithPassphrase } = await import("./age/passphrase.ts");
  return encryptWithPassphrase(utf8(pem), passphrase);
}

/** SubjectPublicKeyInfo PEM of a key's public half. */
export function writePublicKey(key: KeyObject): string {
  return publicOf(key).export({ type: "spki", format: "pem" }) as string;
}

function needsPassphrase(what: string): never {
  return fail("FORBIDDEN", {
    message: `${what} is encrypted and no pass phrase was given`,
    next: "Give the pass phrase with --passphrase-file.",
  });
}

const maxKeyFile = 64 * 1024;

/**
 * The first PEM block (RFC 7468) with one of `labels`. Other blocks are passed over (openssl writes the curve's
 * parameters before a SEC1 key), but when nothing fits, the error says what was found instead.
 */
function pemBlock(bytes: Uint8Array, labels: readonly string[], what: string): { label: string; text: string } {
  if (bytes.length > maxKeyFile) fail("LIMIT", `${what} is larger than ${maxKeyFile} bytes and cannot be a key`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const found: string[] = [];
  for (const match of text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----[^]*?-----END \1-----/g)) {
    const label = match[1]!;
    if (labels.includes(label)) return { label, text: `${match[0]}\n` };
    found.push(label);
  }
  const wanted = labels[0] === "PUBLIC KEY" ? "a public key" : "a private key";
  return fail("MALFORMED", {
    message: `${what} is not ${wanted} in PEM form${found.length > 0 ? `, it holds ${found.slice(0, 3).join(", ")}` : ""}`,
    next: found.includes("CERTIFICATE") ? "Certificates are given with --root or --cert-chain." : undefined,
  });
}
