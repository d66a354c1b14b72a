import { basename, resolve } from "node:path";
import type { Signer } from "../../core/ports.ts";
import { fail } from "../../kit/errors.ts";
import type { Progress } from "../../kit/progress.ts";
import type { HashType, Resource, Serialization } from "../../seal/model-signing/format.ts";
import { excluder } from "../../seal/model-signing/ignore.ts";
import { shardName } from "../../seal/model-signing/names.ts";
import { signManifest } from "../../seal/model-signing/sign.ts";
import { breather } from "./breathe.ts";
import { fileHasher } from "./hash-file.ts";
import { pathInside } from "./inside.ts";
import type { Walk } from "./walk.ts";
import { walkModel } from "./walk.ts";

export interface SignModelOptions {
  /** The model: a folder or a single file. */
  readonly root: string;
  readonly signer: Signer;
  /** Certificates that go into the bundle, DER, leaf first; without them the bundle is of the key method. */
  readonly certificates?: readonly Uint8Array[] | undefined;
  /** Bytes per shard; undefined signs whole files. */
  readonly shardSize?: number | undefined;
  readonly hashType?: HashType;
  readonly allowSymlinks?: boolean;
  /** Exact paths from the root to leave out. */
  readonly ignorePaths?: readonly string[];
  /** Where the bundle will be written: left out of the model when it lies inside. */
  readonly bundlePath?: string | undefined;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface ModelSignature {
  /** Text of the bundle file. */
  readonly bundle: string;
  readonly modelName: string;
  /** Hexadecimal SHA-256 over the resource digests. */
  readonly rootDigest: string;
  readonly resources: readonly Resource[];
  readonly serialization: Serialization;
  readonly files: number;
  readonly bytes: number;
  readonly warnings: readonly string[];
}

const maxResources = 1_000_000;

/**
 * Hashes a model and signs it as an OpenSSF Model Signing v1.0 bundle.
 * @throws NOT_FOUND; MALFORMED for an empty model and unusable names; UNSUPPORTED for symbolic links (unless allowed),
 * pipes and devices; CONFLICT when a file changes meanwhile; LIMIT; IO
 */
export async function signModel(options: SignModelOptions): Promise<ModelSignature> {
  const { root, signer, certificates, shardSize } = options;
  const own = options.bundlePath === undefined ? undefined : pathInside(root, options.bundlePath);
  const serialization: Serialization = {
    method: shardSize === undefined ? "files" : "shards",
    hashType: options.hashType ?? "sha256",
    ...(shardSize === undefined ? {} : { shardSize }),
    allowSymlinks: options.allowSymlinks ?? false,
    ignorePaths: [...(options.ignorePaths ?? []), ...(own === undefined ? [] : [own])],
  };
  const walk = walkModel(root, {
    followSymlinks: serialization.allowSymlinks,
    excluded: excluder(serialization.ignorePaths),
  });
  refuseOddities(walk);
  if (walk.files.length === 0) {
    fail("MALFORMED", { message: `${root} holds no file to sign`, where: root });
  }
  const hashFile = fileHasher({
    hashType: serialization.hashType,
    shardSize,
    followSymlinks: serialization.allowSymlinks,
    breathe: breather("hashing", options.progress, options.signal),
  });
  const resources: Resource[] = [];
  let bytes = 0;
  for (const file of walk.files) {
    const { size, ranges } = await hashFile(file);
    bytes += size;
    for (const { start, end, digest } of ranges) {
      const name = shardSize === undefined ? file.path : shardName({ path: file.path, start, end });
      resources.push({ name, digest });
    }
    if (resources.length > maxResources) {
      fail("LIMIT", { message: `the model has more than ${maxResources} resources`, next: "Use larger shards." });
    }
  }
  const modelName = basename(resolve(root)) || "model";
  const { bundle, rootDigest } = await signManifest({ modelName, serialization, resources }, signer, certificates);
  return {
    bundle,
    modelName,
    rootDigest,
    resources,
    serialization,
    files: walk.files.length,
    bytes,
    warnings: walk.warnings,
  };
}

function refuseOddities({ oddities }: Walk): void {
  const [first, ...more] = oddities;
  if (!first) return;
  const others = more.length > 0 ? ` (and ${more.length} more like it)` : "";
  fail(first.kind === "name" ? "MALFORMED" : "UNSUPPORTED", {
    message: `${first.message}${others}`,
    next:
      first.kind === "symlink"
        ? "Replace it by the file it leads to, leave it out with --ignore-path, or follow links with --allow-symlinks."
        : "Rename or remove it, or leave it out with --ignore-path.",
  });
}
