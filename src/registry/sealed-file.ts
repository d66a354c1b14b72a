import { createHash, randomBytes } from "node:crypto";
import type { ManifestFile } from "../core/asset.ts";
import type { BlobStore } from "../core/ports.ts";
import { type Digest, digestOfHex } from "../kit/digest.ts";
import { CastellanError, fail, isCastellanError } from "../kit/errors.ts";
import { newFileKey, unwrapFileKey, wrapFileKey } from "../seal/age/file-key.ts";
import { decryptPayload, encryptPayload } from "../seal/age/payload.ts";
import type { ObjectRow } from "../store/repository.ts";
import type { Context } from "./context.ts";

/** A file to be stored. */
export interface SourceFile {
  /** "/"-separated path within the version. */
  readonly path: string;
  /** Its bytes; called once. */
  open(): AsyncIterable<Uint8Array>;
  /** How many bytes there must be, when known. */
  readonly size?: number | undefined;
  /** Which bytes they must be, when known. */
  readonly expected?: Digest | undefined;
}

/** Where the encrypted bytes of a file are and how their key is wrapped. */
export type SealedPlace = Pick<ObjectRow, "blobKey" | "header" | "wrappedFor">;

/** A file whose ciphertext is durably stored. */
export interface SealedFile extends ManifestFile {
  readonly place: SealedPlace;
}

/**
 * Stores a file under a fresh key, hashing and encrypting in one pass.
 * @throws INTEGRITY naming the file when size or digest are not the expected ones (nothing stays stored)
 */
export async function sealFile(context: Context, file: SourceFile): Promise<SealedFile> {
  const fileKey = newFileKey();
  const { recipient } = context.keyring.current;
  const place = {
    blobKey: newBlobKey(context.clock.now()),
    header: wrapFileKey(fileKey, [recipient]),
    wrappedFor: recipient,
  };
  const hash = createHash("sha256");
  let size = 0;
  async function* metered() {
    for await (const chunk of file.open()) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
    // Thrown before the end is signalled, so that the blob never becomes visible.
    if (file.size !== undefined && size !== file.size)
      differs(file.path, `has ${size} bytes where ${file.size} were promised`);
  }
  await context.blobs.write(place.blobKey, encryptPayload(metered(), fileKey));
  const digest = digestOfHex(hash.digest("hex"));
  if (file.expected !== undefined && digest !== file.expected) {
    await context.blobs.delete(place.blobKey);
    differs(file.path, `is ${digest} where ${file.expected} was promised`);
  }
  return { path: file.path, size, digest, place };
}

/**
 * The bytes of a stored file. Every chunk is authenticated before it is yielded, and the last one leaves only when size and
 * digest of the whole are right: who got all chunks without an error has the file that was registered.
 * @throws INTEGRITY naming the file · FORBIDDEN when the store key it is wrapped for is not at hand · ERASED
 */
export async function* openSealed(
  context: Pick<Context, "blobs" | "keyring">,
  file: ManifestFile,
  place: SealedPlace,
  where: string,
): AsyncGenerator<Uint8Array, void, void> {
  if (place.header === undefined) fail("ERASED", { message: `The key of ${file.path} was destroyed`, where });
  let held: Uint8Array | undefined;
  const hash = createHash("sha256");
  let size = 0;
  try {
    const fileKey = unwrapFileKey(place.header, context.keyring.identities);
    for await (const chunk of decryptPayload(readBlob(context.blobs, place.blobKey), fileKey)) {
      if (held) yield held;
      hash.update(chunk);
      size += chunk.length;
      if (size > file.size) differs(file.path, "is longer than registered");
      held = chunk;
    }
  } catch (cause) {
    throw damaged(cause, file.path, where, context.keyring.current.recipient === place.wrappedFor);
  }
  if (size !== file.size || digestOfHex(hash.digest("hex")) !== file.digest)
    fail("INTEGRITY", { message: `The stored bytes of ${file.path} are not the ones that were registered`, where });
  if (held) yield held;
}

/** A fresh key for a blob. It starts with the time, so that a sweep can tell what a dead process left from what is under way. */
export function newBlobKey(now: number): string {
  return Math.max(0, Math.trunc(now)).toString(16).padStart(12, "0").slice(-12) + randomBytes(16).toString("hex");
}

/** When a blob key was made, milliseconds since 1970; undefined for keys that are not ours. */
export function blobKeyTime(key: string): number | undefined {
  return /^[0-9a-f]{44}$/.test(key) ? Number.parseInt(key.slice(0, 12), 16) : undefined;
}

async function* readBlob(blobs: BlobStore, key: string): AsyncGenerator<Uint8Array, void, void> {
  yield* blobs.read(key);
}

/** What went wrong with stored bytes, told by the name of the file. */
function damaged(cause: unknown, path: string, where: string, keyIsAtHand: boolean): unknown {
  if (!isCastellanError(cause)) return cause;
  if (cause.code === "NOT_FOUND")
    return new CastellanError("INTEGRITY", { message: `The stored bytes of ${path} are missing`, where, cause });
  if (cause.code === "FORBIDDEN" && !keyIsAtHand)
    return new CastellanError("FORBIDDEN", {
      message: `None of the store keys at hand opens ${path}`,
      where,
      next: "Give the registry the store key this version was stored under, or finish the key rotation.",
      cause,
    });
  if (["INTEGRITY", "MALFORMED", "FORBIDDEN", "UNSUPPORTED"].includes(cause.code))
    return new CastellanError("INTEGRITY", {
      message: `The stored bytes of ${path} were changed: ${cause.message}`,
      where,
      cause,
    });
  return cause;
}

function differs(path: string, how: string): never {
  fail("INTEGRITY", {
    message: `${path} ${how}`,
    where: path,
    next: "Transfer the file again; nothing was registered.",
  });
}
