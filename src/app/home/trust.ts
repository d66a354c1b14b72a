import type { KeyObject } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isName } from "../../core/asset.ts";
import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { keyIdOf, parsePublicKey } from "../../seal/keys.ts";
import { type Certificate, parseCertificates } from "../../seal/x509/certificate.ts";

/** A public key somebody here decided to trust, under the name policies use. */
export interface TrustedKey {
  readonly name: string;
  readonly keyId: Digest;
  readonly publicKey: KeyObject;
}

const maxKeys = 1_000;
const maxKeyBytes = 16_384;

/** The keys of a trust folder: every `<name>.pem`, ordered by name. @throws MALFORMED naming the file · LIMIT */
export function readTrustFolder(folder: string): TrustedKey[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".pem"))
    .sort();
  if (files.length > maxKeys) fail("LIMIT", { message: `More than ${maxKeys} trusted keys`, where: folder });
  return files.map((file) => {
    const path = join(folder, file);
    const name = file.slice(0, -".pem".length);
    const { size } = lstatSync(path);
    if (!isName(name) || size > maxKeyBytes)
      fail("MALFORMED", { message: "This is not a trusted public key", where: path });
    const publicKey = parsePublicKey(readFileSync(path), path);
    return { name, keyId: keyIdOf(publicKey), publicKey };
  });
}

/** The certificate authorities of a trust folder: every certificate in `roots/*.pem`. @throws MALFORMED naming the file */
export function readTrustRoots(folder: string): Certificate[] {
  const roots = join(folder, "roots");
  if (!existsSync(roots)) return [];
  return readdirSync(roots)
    .filter((file) => file.endsWith(".pem"))
    .sort()
    .flatMap((file) => parseCertificates(readFileSync(join(roots, file)), join(roots, file)));
}
