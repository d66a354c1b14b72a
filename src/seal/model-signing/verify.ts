import { createHash } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { fromAnyBase64 } from "../../kit/bytes.ts";
import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { pae, payloadOf } from "../dsse.ts";
import { statementPayloadType } from "../in-toto.ts";
import { algorithmOf, keyIdOf, verifySignature } from "../keys.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { Bundle } from "./bundle.ts";
import { parseBundle } from "./bundle.ts";
import { legacyPae } from "./legacy-pae.ts";
import type { ReadManifest } from "./parse-manifest.ts";
import { parseManifest } from "./parse-manifest.ts";
import { keyHint, requireModelKey } from "./sign.ts";

/** Whom the verifier believes. */
export type Trust =
  | { readonly method: "key"; readonly key: KeyObject }
  | {
      readonly method: "certificate";
      readonly roots: readonly Certificate[];
      /** A subject alternative name the leaf must carry, exactly. */
      readonly identity?: string | undefined;
      /** Time of verification, milliseconds since the epoch. */
      readonly now: number;
    };

/** A bundle whose signature, signer and statement are good. The model's bytes are still to be compared. */
export interface VerifiedBundle extends ReadManifest {
  readonly method: Trust["method"];
  /** Key id of the key that signed. */
  readonly signedBy: Digest;
  /** The leaf certificate, for the certificate method. */
  readonly certificate: Certificate | undefined;
  /** True when the signature covers the faulty encoding of the v0.2 tool. */
  readonly legacyEncoding: boolean;
}

/**
 * Verifies a model signature bundle up to its statement: form, signer, signature, then the statement's own rules. What
 * it returns was read from the very bytes the signature covers.
 * @throws MALFORMED, UNSUPPORTED, LIMIT for bundles that cannot be read; SIGNATURE; UNTRUSTED for another signer or a
 * certificate without a path to the roots; EXPIRED; INTEGRITY for a wrong root digest
 */
export async function verifyBundle(bytes: Uint8Array, trust: Trust): Promise<VerifiedBundle> {
  const bundle = parseBundle(bytes);
  const certificate = trust.method === "certificate" ? await trustedLeaf(bundle, trust) : undefined;
  const key = trust.method === "key" ? trustedKey(bundle, trust.key) : certificate!.publicKey;
  requireModelKey(algorithmOf(key));
  const payload = payloadOf(bundle.envelope);
  const signature = fromAnyBase64(bundle.envelope.signatures[0]!.sig, "bundle: signature");
  const current = verifySignature(key, pae(statementPayloadType, payload), signature);
  // Bundles with a hint come from versions that encode correctly: only older ones get the second try.
  const old = bundle.material.method === "certificate" || bundle.material.hint === undefined;
  if (!current && !(old && verifySignature(key, legacyPae(payload), signature))) {
    fail("SIGNATURE", "the signature does not verify: the bundle was changed, or another key made it");
  }
  return {
    ...parseManifest(payload),
    method: trust.method,
    signedBy: keyIdOf(key),
    certificate,
    legacyEncoding: !current,
  };
}

function trustedKey({ material }: Bundle, key: KeyObject): KeyObject {
  if (material.method !== "key") {
    fail("UNTRUSTED", {
      message: "the bundle was signed with a certificate chain, not with a bare key",
      next: "Verify it with --root.",
    });
  }
  if (material.hint !== undefined && !hintsOf(key).includes(material.hint)) {
    fail("UNTRUSTED", "the bundle names another public key than the given one");
  }
  return key;
}

/** Fingerprints writers of bundles use: of the PEM text (specified), or of the DER in hexadecimal or base64 (sigstore). */
function hintsOf(key: KeyObject): string[] {
  const der = createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest();
  return [keyHint(key), der.toString("hex"), der.toString("base64")];
}

async function trustedLeaf(
  { material }: Bundle,
  trust: Extract<Trust, { method: "certificate" }>,
): Promise<Certificate> {
  if (material.method !== "certificate") {
    fail("UNTRUSTED", {
      message: "the bundle was signed with a bare key and carries no certificate",
      next: "Verify it with --key.",
    });
  }
  // Loaded on demand: verifying by key needs no X.509.
  const { parseCertificate } = await import("../x509/certificate.ts");
  const { validatePath } = await import("../x509/path.ts");
  const chain = material.certificates.map((der, i) => parseCertificate(der, `certificate ${i + 1} of the bundle`));
  return validatePath(chain, trust);
}
