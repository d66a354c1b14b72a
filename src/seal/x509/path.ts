import { equalBytes } from "../../kit/bytes.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import type { CastellanError } from "../../kit/errors.ts";
import type { Certificate } from "./certificate.ts";

const codeSigning = "1.3.6.1.5.5.7.3.3";
const anyUsage = "2.5.29.37.0";

/** Signature algorithms no issuer may have used: MD2, MD5 and SHA-1 with RSA, DSA and ECDSA. */
const brokenSignatures = new Set([
  "1.2.840.113549.1.1.2",
  "1.2.840.113549.1.1.4",
  "1.2.840.113549.1.1.5",
  "1.2.840.10040.4.3",
  "1.2.840.10045.4.1",
]);

const maxDepth = 8;

/** Signatures checked before giving up: certificates that all cross-sign each other would make the search explode. */
const maxAttempts = 100;

export interface PathOptions {
  /** Certificates the verifier trusts from elsewhere. */
  readonly roots: readonly Certificate[];
  /** A subject alternative name the leaf must carry, exactly. */
  readonly identity?: string | undefined;
  /** Time of verification, milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Finds and checks a path from the leaf (first of `chain`) over the other certificates to one of the roots, after
 * RFC 5280 §6.1: validity of every certificate at `now`, names and signatures that chain, basicConstraints, path
 * length, key usage, extended key usage (code signing), no critical extension left unprocessed. Revocation lists are
 * not consulted: verification is offline. Returns the leaf.
 * @throws UNTRUSTED with the reason, EXPIRED
 */
export function validatePath(chain: readonly Certificate[], options: PathOptions): Certificate {
  const leaf = chain[0] ?? fail("MALFORMED", "the certificate chain is empty");
  checkLeaf(leaf, options);
  const selfSigned = isSelfSigned(leaf);
  const pinned = options.roots.some((root) => equalBytes(root.der, leaf.der));
  if (selfSigned) {
    // A self-signed certificate vouches for itself: it counts only when the verifier named this very certificate.
    if (!pinned) refuse(leaf, "is self-signed and is not the given root");
    return leaf;
  }
  const failure = climb(leaf, chain.slice(1), { ...options, attemptsLeft: maxAttempts }, 0, 0);
  if (failure) throw failure;
  return leaf;
}

/**
 * Looks for issuers of `child`, roots first. Returns undefined when a path to a root holds, else the most telling of
 * the reasons why none does.
 * @param below number of intermediate certificates under the issuer looked for, self-issued ones not counted
 */
function climb(
  child: Certificate,
  intermediates: readonly Certificate[],
  options: PathOptions & { attemptsLeft: number },
  below: number,
  depth: number,
): CastellanError | undefined {
  let reason: CastellanError | undefined;
  const candidates = [
    ...options.roots.map((issuer) => ({ issuer, root: true })),
    ...intermediates.map((issuer) => ({ issuer, root: false })),
  ].filter(({ issuer }) => equalBytes(issuer.subjectName, child.issuerName));
  for (const { issuer, root } of candidates) {
    if (--options.attemptsLeft < 0) return because(child, "lies in a chain too tangled to follow");
    const failure =
      attempt(() => checkIssuer(issuer, child, below, options.now)) ??
      (root || depth >= maxDepth
        ? root
          ? undefined
          : because(child, `lies under a chain of more than ${maxDepth} certificates`)
        : climb(
            issuer,
            intermediates.filter((other) => other !== issuer),
            options,
            below + (isSelfIssued(issuer) ? 0 : 1),
            depth + 1,
          ));
    if (!failure) return undefined;
    // What is wrong with an issuer says more than that one is missing or that a namesake is none.
    if (!reason || reason.message.includes(missing) || reason.message.includes(namesake)) reason = failure;
  }
  return reason ?? because(child, `${missing}: neither the given root nor the bundle holds "${child.issuer}"`);
}

const missing = "has no trusted issuer";
const namesake = "was not signed by the key of";

function checkLeaf(leaf: Certificate, { identity, now }: PathOptions): void {
  checkCommon(leaf, now);
  if (leaf.keyUsage && !leaf.keyUsage.digitalSignature) {
    refuse(leaf, "may not be used for digital signatures (keyUsage)");
  }
  checkExtendedUsage(leaf);
  if (identity === undefined) return;
  if (leaf.identities.length === 0) refuse(leaf, `carries no subject alternative name to match with "${identity}"`);
  if (!leaf.identities.includes(identity)) {
    const names = leaf.identities.slice(0, 5).join(", ");
    refuse(leaf, `is for ${names}, not for "${identity}"`);
  }
}

function checkIssuer(issuer: Certificate, child: Certificate, below: number, now: number): void {
  // The signature first: certificates of the same name with another key are simply not the issuer.
  if (!child.signedBy(issuer.publicKey)) refuse(child, `${namesake} "${issuer.subject}"`);
  checkCommon(issuer, now);
  if (issuer.authority !== true) refuse(issuer, "is not a certificate authority and may not issue certificates");
  if (issuer.keyUsage && !issuer.keyUsage.keyCertSign) refuse(issuer, "may not sign certificates (keyUsage)");
  if (issuer.pathLength !== undefined && below > issuer.pathLength) {
    refuse(issuer, `allows ${issuer.pathLength} intermediate certificates below it, the chain has ${below}`);
  }
  checkExtendedUsage(issuer);
}

function checkCommon(certificate: Certificate, now: number): void {
  if (now < certificate.notBefore) {
    fail("EXPIRED", `${name(certificate)} is not valid before ${day(certificate.notBefore)}`);
  }
  if (now > certificate.notAfter) {
    fail("EXPIRED", `${name(certificate)} expired on ${day(certificate.notAfter)}`);
  }
  if (certificate.unprocessed.length > 0) {
    refuse(certificate, `has a critical extension that is not understood (${certificate.unprocessed[0]})`);
  }
  if (brokenSignatures.has(certificate.signatureAlgorithm) && !isSelfSigned(certificate)) {
    refuse(certificate, "was signed with a broken hash (MD5 or SHA-1)");
  }
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength;
  if (certificate.publicKey.asymmetricKeyType === "rsa" && (bits ?? 0) < 2048) {
    refuse(certificate, `has an RSA key of ${bits} bits, which is too short`);
  }
}

function checkExtendedUsage(certificate: Certificate): void {
  const uses = certificate.extendedKeyUsage;
  if (uses && !uses.includes(codeSigning) && !uses.includes(anyUsage)) {
    refuse(certificate, "may not be used for code signing (extendedKeyUsage)");
  }
}

/** Same subject and issuer, which alone proves nothing about who signed. */
function isSelfIssued(certificate: Certificate): boolean {
  return equalBytes(certificate.subjectName, certificate.issuerName);
}

/** Signed with its own key. */
function isSelfSigned(certificate: Certificate): boolean {
  return isSelfIssued(certificate) && certificate.signedBy(certificate.publicKey);
}

function attempt(check: () => void): CastellanError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (isCastellanError(error)) return error;
    throw error;
  }
}

function because(certificate: Certificate, why: string): CastellanError {
  return attempt(() => refuse(certificate, why))!;
}

function refuse(certificate: Certificate, why: string): never {
  return fail("UNTRUSTED", `${name(certificate)} ${why}`);
}

function name({ subject }: Certificate): string {
  return subject === "" ? "the certificate without a subject" : `the certificate "${subject}"`;
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}
