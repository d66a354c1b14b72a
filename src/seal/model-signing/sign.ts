import { createHash } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { KeyAlgorithm, Signer } from "../../core/ports.ts";
import { fail } from "../../kit/errors.ts";
import { signEnvelope } from "../dsse.ts";
import { encodeStatement, statementPayloadType } from "../in-toto.ts";
import { writePublicKey } from "../keys.ts";
import type { Material } from "./bundle.ts";
import { writeBundle } from "./bundle.ts";
import type { Manifest } from "./format.ts";
import { modelStatement } from "./statement.ts";

/** The hint bundles carry: hexadecimal SHA-256 of the public key's PEM text. */
export function keyHint(publicKey: KeyObject): string {
  return createHash("sha256").update(writePublicKey(publicKey)).digest("hex");
}

/** A written bundle and what it says. */
export interface SignedModel {
  /** The bundle file's text. */
  readonly bundle: string;
  /** Hexadecimal root digest: the statement's subject. */
  readonly rootDigest: string;
}

/**
 * Signs a manifest as an OpenSSF Model Signing v1.0 bundle. With `certificates` (leaf first, DER) the bundle is of the
 * certificate method; the caller has matched the leaf with the signer's key.
 * @throws MALFORMED for an empty model; UNSUPPORTED for Ed25519, which the format does not know
 */
export async function signManifest(
  manifest: Manifest,
  signer: Signer,
  certificates?: readonly Uint8Array[],
): Promise<SignedModel> {
  requireModelKey(signer.algorithm);
  const statement = modelStatement(manifest);
  const material: Material = certificates
    ? { method: "certificate", certificates }
    : { method: "key", hint: keyHint(signer.publicKey) };
  const envelope = await signEnvelope(statementPayloadType, encodeStatement(statement), [signer]);
  return {
    bundle: writeBundle({ material, envelope }),
    rootDigest: statement.subject[0]!.digest["sha256"]!,
  };
}

/** The format's keys are NIST curves (algorithm registry); an Ed25519 bundle would verify nowhere else. */
export function requireModelKey(algorithm: KeyAlgorithm): void {
  if (algorithm === "ed25519") {
    fail("UNSUPPORTED", {
      message: "model signatures are made with P-256, P-384 or P-521 keys, not with Ed25519",
      next: "Make one with: castellan keys new NAME --algorithm ecdsa-p256",
    });
  }
}
