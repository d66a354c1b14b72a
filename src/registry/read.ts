import type { ManifestFile } from "../core/asset.ts";
import { concat } from "../kit/bytes.ts";
import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { type Actor } from "../identity/actor.ts";
import { mustBeAllowed } from "../identity/permission.ts";
import type { VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { recordFeatureRead } from "./feature-read.ts";
import { openSealed } from "./sealed-file.ts";
import { liveVersion, nameOf, trustedVersion } from "./trusted-version.ts";

/** A version whose bytes may be read. */
export interface OpenVersion {
  readonly version: VersionRow;
  readonly files: readonly ManifestFile[];
  /**
   * The bytes of a file. Who gets to the end without an error has the registered bytes; the last chunk is held back until then.
   * @throws NOT_FOUND · INTEGRITY naming the file · ERASED
   */
  stream(path: string): AsyncIterable<Uint8Array>;
  /**
   * The bytes of a file, returned only when they are the registered ones.
   * @throws LIMIT when it is larger than `limit` bytes (default 2 GiB) · what {@link stream} throws
   */
  readFile(path: string, limit?: number): Promise<Uint8Array>;
}

/** How a version is opened. */
export interface OpenOptions {
  /** Also open a revoked version, for examination. */
  readonly evenRevoked?: boolean;
}

/**
 * Opens a version for reading. Everything that leads to the bytes is checked: the registration's signature, the manifest, and
 * every byte as it is read. Opening a feature table takes the role "features-reader" and is put on record first.
 * @throws FORBIDDEN · NOT_FOUND · REVOKED · ERASED · INTEGRITY
 */
export async function openVersion(
  context: Context,
  tenant: string,
  digest: Digest,
  actor: Actor,
  options: OpenOptions = {},
): Promise<OpenVersion> {
  // Asked before the version is looked up: who may not read learns nothing about what exists.
  mustBeAllowed(actor, "see", tenant);
  const version = options.evenRevoked
    ? await trustedVersion(context, tenant, digest)
    : await liveVersion(context, tenant, digest);
  if (version.state === "erased") fail("ERASED", { message: `${nameOf(version)} was erased`, where: version.endedBy });
  mustBeAllowed(actor, version.kind === "features" ? "read-features" : "read", tenant);
  const objects = new Map((await context.repository.objects(tenant, digest)).map((row) => [row.path, row]));
  if (version.kind === "features") await recordFeatureRead(context, version, actor);
  const files = new Map(version.manifest.files.map((file) => [file.path, file]));

  function stream(path: string): AsyncIterable<Uint8Array> {
    const file = files.get(path);
    if (!file)
      return fail("NOT_FOUND", {
        message: `There is no file ${JSON.stringify(path.slice(0, 200))}`,
        where: nameOf(version),
      });
    const where = `${nameOf(version)}: ${path}`;
    const object = objects.get(path);
    if (!object) return fail("INTEGRITY", { message: `The store has lost where ${path} is kept`, where });
    return openSealed(context, file, object, where);
  }

  return {
    version,
    files: version.manifest.files,
    stream,
    async readFile(path, limit = 2 ** 31) {
      const size = files.get(path)?.size ?? 0;
      if (size > limit)
        fail("LIMIT", { message: `${path} has ${size} bytes, more than ${limit}`, where: nameOf(version) });
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream(path)) chunks.push(chunk);
      return concat(...chunks);
    },
  };
}

/** A file of a version on its way out. */
export interface OutgoingFile extends ManifestFile {
  bytes(): AsyncIterable<Uint8Array>;
}

/** The files of a version, to be written elsewhere byte for byte. Paths are relative and safe to join to a folder. */
export async function* checkout(
  context: Context,
  tenant: string,
  digest: Digest,
  actor: Actor,
  options: OpenOptions = {},
): AsyncGenerator<OutgoingFile, void, void> {
  const open = await openVersion(context, tenant, digest, actor, options);
  for (const file of open.files) yield { ...file, bytes: () => open.stream(file.path) };
}
