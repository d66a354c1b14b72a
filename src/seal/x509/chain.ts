import { createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { equalBytes } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import { keyIdOf } from "../keys.ts";
import type { Certificate } from "./certificate.ts";

/**
 * Puts certificates in the order a bundle carries them: the one of `key` first, then each one's issuer. What is not
 * part of the chain stays at the end, in its order.
 * @param key the private or public key of the signer
 * @throws USAGE when no certificate is for `key`
 */
export function orderChain(
  certificates: readonly Certificate[],
  key: KeyObject,
  what = "certificate chain",
): Certificate[] {
  const id = keyIdOf(key.type === "private" ? createPublicKey(key) : key);
  const rest = [...certificates];
  const leaf = rest.findIndex(({ publicKey }) => keyIdOf(publicKey) === id);
  if (leaf < 0) {
    fail("USAGE", {
      message: `no certificate in ${what} belongs to the signing key`,
      next: "Give the certificate that was issued for this key, followed by its issuers.",
    });
  }
  const ordered: Certificate[] = [];
  for (let next = leaf; next >= 0; ) {
    const [current] = rest.splice(next, 1);
    ordered.push(current!);
    next = rest.findIndex(
      (issuer) => equalBytes(issuer.subjectName, current!.issuerName) && current!.signedBy(issuer.publicKey),
    );
  }
  return [...ordered, ...rest];
}
