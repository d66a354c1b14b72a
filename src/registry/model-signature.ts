import { createHash, type Hash } from "node:crypto";
import type { Manifest as VersionManifest, ManifestFile } from "../core/asset.ts";
import type { Envelope } from "../core/statement.ts";
import { type Digest, hexOfDigest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { parseBundle } from "../seal/model-signing/bundle.ts";
import { hashTypes, type Manifest, type Serialization } from "../seal/model-signing/format.ts";
import { shardName } from "../seal/model-signing/names.ts";
import { type Trust, verifyBundle } from "../seal/model-signing/verify.ts";
import type { StatementRow } from "../store/repository.ts";
import { place } from "./attach.ts";
import type { Context } from "./context.ts";
import { openSealed } from "./sealed-file.ts";
import { liveVersion, nameOf } from "./trusted-version.ts";

/** The files a signature is checked against. */
export interface SignedFiles {
  readonly manifest: VersionManifest;
  read(path: string): AsyncIterable<Uint8Array>;
}

/** A model signature that is good for a set of files. */
export interface VerifiedSignature {
  readonly envelope: Envelope;
  readonly predicateType: string;
  readonly signedBy: Digest;
  /** Subject names of the certificate; none for a bare key. */
  readonly identities: readonly string[];
}

/** An OpenSSF Model Signing bundle about a registered version. */
export interface SignatureAttachment {
  readonly tenant: string;
  readonly version: Digest;
  readonly bundle: Uint8Array;
  readonly trust: Trust;
}

/**
 * Puts a model signature on record after verifying it against the stored bytes.
 * @throws SIGNATURE, UNTRUSTED, EXPIRED, INTEGRITY naming the file, MALFORMED, UNSUPPORTED · NOT_FOUND
 */
export async function attachSignature(context: Context, attachment: SignatureAttachment): Promise<StatementRow> {
  const { tenant, version, bundle, trust } = attachment;
  const row = await liveVersion(context, tenant, version);
  const objects = new Map((await context.repository.objects(tenant, version)).map((object) => [object.path, object]));
  const files = new Map(row.manifest.files.map((file) => [file.path, file]));
  const read = (path: string) => openSealed(context, files.get(path)!, objects.get(path)!, `${nameOf(row)}: ${path}`);
  const verified = await verifyModelSignature({ manifest: row.manifest, read }, bundle, trust);
  return placeSignature(context, { tenant, version, bundle }, verified);
}

/** Records a signature that was verified. */
export function placeSignature(
  context: Context,
  { tenant, version, bundle }: Omit<SignatureAttachment, "trust">,
  { envelope, predicateType, signedBy }: VerifiedSignature,
): Promise<StatementRow> {
  const statement = { predicateType };
  return place(context, { tenant, version, envelope, statement, by: signedBy, bundle }, (row) => [
    row.digest,
    ...row.manifest.files.map(({ digest }) => digest),
  ]);
}

/**
 * Verifies a bundle and that it signs exactly `files`: every one of them, nothing else, with these bytes. Files the signer left out
 * are not accepted: a registered version has no unsigned part.
 * @throws SIGNATURE, UNTRUSTED, EXPIRED · INTEGRITY naming the first file that differs · MALFORMED, UNSUPPORTED, LIMIT
 */
export async function verifyModelSignature(
  files: SignedFiles,
  bundle: Uint8Array,
  trust: Trust,
): Promise<VerifiedSignature> {
  const { manifest, predicateType, signedBy, certificate } = await verifyBundle(bundle, trust);
  await compare(manifest, files);
  return {
    envelope: parseBundle(bundle).envelope,
    predicateType,
    signedBy,
    identities: certificate?.identities ?? [],
  };
}

async function compare({ resources, serialization }: Manifest, files: SignedFiles): Promise<void> {
  const left = new Map(resources.map(({ name, digest }) => [name, digest]));
  const { files: list } = files.manifest;
  for (const file of list) {
    // Older versions of the reference tool call the only file of a model ".".
    const alone = list.length === 1 && (left.has(".") || [...left.keys()].some((name) => name.startsWith(".:")));
    for await (const [name, digest] of resourcesOf(file, alone ? "." : file.path, serialization, files)) {
      const signed = left.get(name);
      left.delete(name);
      if (signed === undefined)
        fail("INTEGRITY", { message: `${file.path} is not covered by the signature`, where: file.path });
      if (signed !== digest) fail("INTEGRITY", { message: `${file.path} is not what was signed`, where: file.path });
    }
  }
  for (const name of left.keys()) fail("INTEGRITY", { message: `${name} was signed, but is not there`, where: name });
}

/** What a signer lists for a file, under `name`. By the specification an empty file has no shards, so none can cover it. */
async function* resourcesOf(
  file: ManifestFile,
  name: string,
  { method, hashType, shardSize = 0 }: Serialization,
  files: SignedFiles,
): AsyncGenerator<readonly [name: string, digest: string], void, void> {
  const { node } = hashTypes[hashType];
  if (method === "files") {
    if (hashType === "sha256") {
      yield [name, hexOfDigest(file.digest)];
      return;
    }
    const hash = createHash(node);
    for await (const chunk of files.read(file.path)) hash.update(chunk);
    yield [name, hash.digest("hex")];
    return;
  }
  yield* shardsOf(file, name, shardSize, files.read(file.path), () => createHash(node));
}

/** The byte ranges of `shardSize` a file consists of, each with its digest; the last may be shorter. */
async function* shardsOf(
  { size }: ManifestFile,
  path: string,
  shardSize: number,
  bytes: AsyncIterable<Uint8Array>,
  newHash: () => Hash,
): AsyncGenerator<readonly [name: string, digest: string], void, void> {
  let hash = newHash();
  let start = 0;
  let at = 0;
  for await (const chunk of bytes) {
    for (let from = 0; from < chunk.length; ) {
      const end = Math.min(start + shardSize, size);
      const take = Math.min(chunk.length - from, end - at);
      hash.update(chunk.subarray(from, from + take));
      from += take;
      at += take;
      if (at < end) continue;
      yield [shardName({ path, start, end }), hash.digest("hex")];
      hash = newHash();
      start = end;
    }
  }
}
