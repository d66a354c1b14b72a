import type { Manifest } from "../core/asset.ts";
import type { Digest } from "../kit/digest.ts";
import type { ObjectRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { manifestOf, versionDigest } from "./manifest.ts";
import { PathSet } from "./paths.ts";
import { openSealed, type SealedFile, sealFile, type SourceFile } from "./sealed-file.ts";

/** Files being stored at a time: durability waits on the disk, so a few at once. */
const width = 8;

/** Bytes that are stored encrypted but belong to no version yet. */
export interface Staged {
  readonly manifest: Manifest;
  readonly digest: Digest;
  /** The rows that make them the version's. */
  objects(tenant: string): readonly ObjectRow[];
  /** The bytes of a file, read back and checked. */
  read(path: string): AsyncIterable<Uint8Array>;
  /** Removes them again. */
  discard(): Promise<void>;
}

/**
 * Stores the files of a version. All or nothing: when one fails, none stays.
 * @throws MALFORMED for unusable or clashing paths and for no files · INTEGRITY for truncated or altered ones · LIMIT
 */
export async function stage(
  context: Context,
  files: Iterable<SourceFile> | AsyncIterable<SourceFile>,
): Promise<Staged> {
  const sealed: SealedFile[] = [];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const discard = async () => {
    for (const { place } of sealed) await context.blobs.delete(place.blobKey);
  };
  const one = async (file: SourceFile) => {
    try {
      sealed.push(await sealFile(context, file));
    } catch (error) {
      failures.push(error);
    }
  };
  try {
    const paths = new PathSet();
    for await (const file of files) {
      paths.add(file.path);
      while (running.size >= width) await Promise.race(running);
      if (failures.length > 0) break;
      const job: Promise<void> = one(file).finally(() => running.delete(job));
      running.add(job);
    }
    await Promise.all(running);
    if (failures.length > 0) throw failures[0];
    const manifest = manifestOf(sealed);
    return stagedOf(context, manifest, sealed, discard);
  } catch (error) {
    await Promise.all(running);
    await discard();
    throw error;
  }
}

function stagedOf(
  context: Context,
  manifest: Manifest,
  sealed: readonly SealedFile[],
  discard: () => Promise<void>,
): Staged {
  const digest = versionDigest(manifest);
  const byPath = new Map(sealed.map((file) => [file.path, file]));
  return {
    manifest,
    digest,
    discard,
    objects: (tenant) => sealed.map(({ path, place }) => ({ tenant, version: digest, path, ...place })),
    read(path) {
      const file = byPath.get(path)!;
      return openSealed(context, file, file.place, path);
    },
  };
}
