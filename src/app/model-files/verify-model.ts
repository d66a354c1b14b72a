import { statSync } from "node:fs";
import { fail, isCastellanError } from "../../kit/errors.ts";
import type { Progress } from "../../kit/progress.ts";
import type { Manifest } from "../../seal/model-signing/format.ts";
import { excluder } from "../../seal/model-signing/ignore.ts";
import { parseShardName, shown } from "../../seal/model-signing/names.ts";
import type { Trust, VerifiedBundle } from "../../seal/model-signing/verify.ts";
import { verifyBundle } from "../../seal/model-signing/verify.ts";
import { breather } from "./breathe.ts";
import type { RangeDigest } from "./hash-file.ts";
import { fileHasher } from "./hash-file.ts";
import { pathInside } from "./inside.ts";
import type { ModelFile, Walk } from "./walk.ts";
import { walkModel } from "./walk.ts";

export interface VerifyModelOptions {
  /** The model: a folder or a single file. */
  readonly root: string;
  /** The bundle's bytes. */
  readonly bundle: Uint8Array;
  /** Where the bundle lies: not counted as part of the model. */
  readonly bundlePath?: string | undefined;
  readonly trust: Trust;
  /** Exact paths from the root that may be there without being signed. What is signed is always verified. */
  readonly ignorePaths?: readonly string[];
  /** Follow symbolic links although the signature does not say so. */
  readonly allowSymlinks?: boolean;
  /** Do not mind files that are not signed. */
  readonly ignoreUnsignedFiles?: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** One way in which the model is not what was signed. */
export interface ModelProblem {
  readonly kind: "missing" | "changed" | "unsigned" | "unreadable" | "symlink" | "special" | "name";
  readonly path: string;
  readonly message: string;
}

export interface ModelVerification extends VerifiedBundle {
  /** Empty when the model is exactly what was signed. */
  readonly problems: readonly ModelProblem[];
  readonly warnings: readonly string[];
  /** Files and bytes that were compared. */
  readonly files: number;
  readonly bytes: number;
}

/** What a manifest expects of one file. */
interface Expected {
  readonly path: string;
  readonly ranges: readonly RangeDigest[];
}

/**
 * Verifies a model against its signature: bundle, signer, statement, then every listed resource in listed order, and
 * that nothing else is there. Differences of the model are returned, all of them; a bundle that does not verify throws.
 * @throws as {@link verifyBundle}; NOT_FOUND when the model does not exist; LIMIT
 */
export async function verifyModel(options: VerifyModelOptions): Promise<ModelVerification> {
  const verified = await verifyBundle(options.bundle, options.trust);
  const { manifest } = verified;
  const { hashType, shardSize, ignorePaths } = manifest.serialization;
  const followSymlinks = manifest.serialization.allowSymlinks || options.allowSymlinks === true;
  const expected = expectations(manifest);
  const signed = signedPaths(expected.keys());
  const walk = walkForVerification(options, ignorePaths, followSymlinks, signed);
  const present = new Map(walk.files.map((file) => [file.path, file]));
  const only = walk.single ? walk.files[0] : undefined;
  // Older signers call the file of a single-file model ".".
  if (only && expected.has(".")) present.set(".", only).delete(only.path);

  const problems = unexpected(options, walk, signed);
  const hashFile = fileHasher({
    hashType,
    shardSize,
    followSymlinks,
    breathe: breather("verifying", options.progress, options.signal),
  });
  let bytes = 0;
  for (const { path, ranges } of expected.values()) {
    const file = present.get(path);
    if (!file) {
      problems.push({ kind: "missing", path, message: `${shown(path)} is signed but missing` });
      continue;
    }
    const found = await hashed(file, hashFile, problems);
    if (!found) continue;
    bytes += found.size;
    const difference = compare(ranges, found.ranges, shardSize !== undefined);
    if (difference) problems.push({ kind: "changed", path, message: `${shown(path)} ${difference}` });
  }
  for (const [path, file] of present) {
    if (expected.has(path) || options.ignoreUnsignedFiles) continue;
    // Shards leave empty files out of the list, so an empty one proves nothing either way.
    if (shardSize !== undefined && statSync(file.location, { throwIfNoEntry: false })?.size === 0) continue;
    problems.push({ kind: "unsigned", path, message: `${shown(path)} is in the model but not signed` });
  }
  return { ...verified, problems, warnings: walk.warnings, files: expected.size, bytes };
}

/** The files a manifest lists, in listed order. */
function expectations({ serialization, resources }: Manifest): Map<string, Expected> {
  const files = new Map<string, { path: string; ranges: RangeDigest[] }>();
  for (const { name, digest } of resources) {
    const shard = serialization.method === "shards" ? parseShardName(name) : { path: name, start: 0, end: 0 };
    const file = files.get(shard.path) ?? { path: shard.path, ranges: [] };
    file.ranges.push({ start: shard.start, end: shard.end, digest });
    files.set(shard.path, file);
  }
  for (const { ranges } of files.values()) ranges.sort((a, b) => a.start - b.start);
  return files;
}

/** Signed paths and the folders above them. */
function signedPaths(paths: Iterable<string>): Set<string> {
  const all = new Set<string>();
  for (const path of paths) {
    all.add(path);
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) all.add(path.slice(0, slash));
  }
  return all;
}

function walkForVerification(
  options: VerifyModelOptions,
  signedIgnores: readonly string[],
  followSymlinks: boolean,
  signed: ReadonlySet<string>,
): Walk {
  const own = options.bundlePath === undefined ? undefined : pathInside(options.root, options.bundlePath);
  const ignored = excluder([
    ...signedIgnores.map((path) => path.replace(/\/+$/, "")),
    ...(options.ignorePaths ?? []),
    ...(own === undefined ? [] : [own]),
  ]);
  return walkModel(options.root, { followSymlinks, excluded: (path) => !signed.has(path) && ignored(path) });
}

function unexpected(options: VerifyModelOptions, walk: Walk, signed: ReadonlySet<string>): ModelProblem[] {
  return walk.oddities
    .filter(({ path }) => !options.ignoreUnsignedFiles || path === "." || signed.has(path))
    .map(({ kind, path, message }) => ({ kind, path, message }));
}

async function hashed(
  file: ModelFile,
  hashFile: ReturnType<typeof fileHasher>,
  problems: ModelProblem[],
): Promise<{ size: number; ranges: RangeDigest[] } | undefined> {
  try {
    return await hashFile(file);
  } catch (error) {
    if (!isCastellanError(error, "CONFLICT", "IO", "UNSUPPORTED")) throw error;
    problems.push({ kind: "unreadable", path: file.path, message: error.message });
    return undefined;
  }
}

/** What differs between the ranges listed and those found, if anything. */
function compare(listed: readonly RangeDigest[], found: readonly RangeDigest[], shards: boolean): string | undefined {
  if (!shards) {
    if (listed.length !== 1 || found.length !== 1) fail("INTERNAL", "a whole file has one digest");
    return listed[0]!.digest === found[0]!.digest ? undefined : "differs from what was signed";
  }
  const aligned =
    listed.length === found.length &&
    listed.every(({ start, end }, i) => found[i]!.start === start && found[i]!.end === end);
  if (!aligned) return "differs from what was signed: its size or its division into shards is another";
  const wrong = listed.find(({ digest }, i) => digest !== found[i]!.digest);
  return wrong ? `differs from what was signed between bytes ${wrong.start} and ${wrong.end}` : undefined;
}
