import { existsSync, rmSync } from "node:fs";
import type { KeyAlgorithm } from "../../core/ports.ts";
import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { generateKey, keyIdOf, writePrivateKey, writePublicKey } from "../../seal/keys.ts";
import { writeDurably } from "../home/durable-file.ts";

/** A key pair on disk. */
export interface KeyFiles {
  readonly keyId: Digest;
  readonly algorithm: KeyAlgorithm;
  readonly privateFile: string;
  readonly publicFile: string;
}

/** Where the public half of the private key file `path` lies: `name.pem` → `name.pub.pem`. */
export function publicFileOf(path: string): string {
  return `${path.replace(/\.pem$/, "")}.pub.pem`;
}

/**
 * Makes a key pair and writes it: the private key to `path` (0600, encrypted when there is a pass phrase), the public
 * one beside it. Neither file is ever overwritten, and both exist afterwards or neither.
 * @throws CONFLICT when either file exists; NOT_FOUND for a missing folder; STORAGE_FULL; IO
 */
export async function createKeyFiles(path: string, algorithm: KeyAlgorithm, passphrase?: string): Promise<KeyFiles> {
  const publicFile = publicFileOf(path);
  if (existsSync(publicFile)) {
    fail("CONFLICT", {
      message: "The file exists already",
      where: publicFile,
      next: "Choose another name; existing keys are never overwritten.",
    });
  }
  const { privateKey, publicKey } = generateKey(algorithm);
  writeDurably(path, await writePrivateKey(privateKey, passphrase), 0o600, true);
  try {
    writeDurably(publicFile, writePublicKey(publicKey), 0o644, true);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  return { keyId: keyIdOf(publicKey), algorithm, privateFile: path, publicFile };
}
