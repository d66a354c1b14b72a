import type { KeyObject } from "node:crypto";
import type { ManifestFile } from "../../core/asset.ts";
import { predicateTypeOf, type VerifiedStatement } from "../../core/statement.ts";
import { sha256Hex } from "../../kit/bytes.ts";
import { type Digest, digestOfHex } from "../../kit/digest.ts";
import { jsonObject, parseJson } from "../../kit/json.ts";
import { isCastellanError } from "../../kit/errors.ts";
import type { ModelSignature } from "../../gate/input.ts";
import { payloadOf } from "../../seal/dsse.ts";
import { parseStatement } from "../../seal/in-toto.ts";
import { parseBundle } from "../../seal/model-signing/bundle.ts";
import { type VerifiedBundle, verifyBundle } from "../../seal/model-signing/verify.ts";
import type { Certificate } from "../../seal/x509/certificate.ts";
import type { StatementRow, VersionRow } from "../../store/repository.ts";
import type { LogIndex } from "./log-index.ts";
import { placeUnder } from "./verified.ts";

/** Whose model signatures can be checked here. */
export interface SignatureTrust {
  readonly keys: readonly KeyObject[];
  readonly roots: readonly Certificate[];
  readonly now: number;
}

const modelSignatureType = predicateTypeOf("model-signature");

/** True for rows that hold an OpenSSF model signature. */
export function isModelSignature(row: StatementRow): boolean {
  return row.predicateType === modelSignatureType;
}

/** A stored model signature as the gate takes it: verified now, and compared with the files the version is registered with. */
export async function modelSignature(
  row: StatementRow,
  version: VersionRow,
  trust: SignatureTrust,
  log: LogIndex,
): Promise<ModelSignature | undefined> {
  const bytes = row.bundle ?? row.envelope;
  try {
    const verified = coversBundle(row.envelope, bytes) ? await whoSigned(bytes, trust) : undefined;
    const statement: VerifiedStatement = {
      digest: row.digest,
      statement: parseStatement(payloadOf(parseBundle(bytes).envelope)),
      signedBy: verified ? [verified.signedBy] : [],
      identities: verified?.certificate?.identities ?? [],
      ...placeUnder(row, version.topic, log),
    };
    return {
      version: version.digest,
      statement,
      mismatch: verified && differenceFrom(verified, version.manifest.files),
    };
  } catch (error) {
    if (isCastellanError(error)) return undefined;
    throw error;
  }
}

/** Is this the bundle the logged envelope names? The leaf covers the envelope, and the envelope names its bundle's digest. */
export function coversBundle(envelope: Uint8Array, bundle: Uint8Array): boolean {
  return jsonObject(parseJson(envelope, "the envelope"), "the envelope")["bundle"] === digestOfHex(sha256Hex(bundle));
}

async function whoSigned(bytes: Uint8Array, { keys, roots, now }: SignatureTrust): Promise<VerifiedBundle | undefined> {
  if (parseBundle(bytes).material.method === "certificate") {
    return roots.length === 0 ? undefined : quietly(verifyBundle(bytes, { method: "certificate", roots, now }));
  }
  for (const key of keys) {
    const verified = await quietly(verifyBundle(bytes, { method: "key", key }));
    if (verified) return verified;
  }
  return undefined;
}

async function quietly<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isCastellanError(error)) return undefined;
    throw error;
  }
}

/**
 * How what was signed differs from the registered files, in a sentence; undefined when it is exactly the same. Signatures over
 * shards or by other hashes were compared with the bytes when the registry put them on record, and cannot be compared without.
 */
export function differenceFrom({ manifest }: VerifiedBundle, files: readonly ManifestFile[]): string | undefined {
  const { method, hashType } = manifest.serialization;
  if (method !== "files" || hashType !== "sha256") return undefined;
  const signed = new Map<string, Digest>();
  for (const { name, digest } of manifest.resources) signed.set(name, `sha256:${digest}`);
  const only = files[0];
  if (files.length === 1 && only && signed.size === 1 && signed.has(".")) {
    signed.set(only.path, signed.get(".")!);
    signed.delete(".");
  }
  for (const { path, digest } of files) {
    const found = signed.get(path);
    if (found === undefined) return `it does not cover ${JSON.stringify(path)}`;
    if (found !== digest) return `it was made over other bytes of ${JSON.stringify(path)}`;
    signed.delete(path);
  }
  const [extra] = signed.keys();
  return extra === undefined ? undefined : `it covers ${JSON.stringify(extra)}, which the version does not have`;
}
