import { createReadStream } from "node:fs";
import { type AssetKind, type AssetTerms, parseRef } from "../../core/asset.ts";
import type { AssetInput } from "../../core/asset.ts";
import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import type { Progress } from "../../kit/progress.ts";
import type { SourceFile } from "../../registry/sealed-file.ts";
import type { VersionRow } from "../../store/repository.ts";
import type { Home } from "../home/open.ts";
import { ioError } from "../home/durable-file.ts";
import { type ModelFile, walkModel } from "../model-files/walk.ts";

/** What a user wants registered. */
export interface PathRegistration {
  readonly path: string;
  readonly kind: AssetKind;
  readonly tenant: string;
  readonly name: string;
  /** References, each optionally followed by `=role`. */
  readonly inputs: readonly string[];
  readonly terms: AssetTerms;
  readonly facts?: { readonly [key: string]: unknown };
  readonly expected?: Digest | undefined;
  readonly progress: Progress;
}

const roles: Readonly<Record<AssetKind, string>> = {
  dataset: "training-data",
  features: "features",
  model: "base-model",
};

/**
 * Registers a file or folder. Symbolic links, special files and unusable names are refused: a version holds bytes, and nothing
 * that could mean something else tomorrow.
 * @throws NOT_FOUND for a path or input that does not exist · MALFORMED · INTEGRITY · what the registry throws
 */
export async function registerPath(home: Home, wanted: PathRegistration): Promise<VersionRow> {
  return registerFiles(home, { ...wanted, files: walkPath(wanted.path) });
}

/** {@link registerPath} for files that were chosen one by one: `path` within the version, `location` on this machine. */
export async function registerFiles(
  home: Home,
  wanted: Omit<PathRegistration, "path"> & { readonly files: readonly ModelFile[] },
): Promise<VersionRow> {
  const { tenant, kind, name, terms, facts, expected, progress } = wanted;
  const inputs = await Promise.all(wanted.inputs.map((text) => resolveInput(home, tenant, text)));
  const files = sourceFiles(wanted.files, progress);
  return home.registry.register({ tenant, kind, name, files, inputs, terms, ...(facts ? { facts } : {}), expected });
}

/** The files at a path, ready to be registered. @throws NOT_FOUND · MALFORMED for links and special files */
export function filesOf(path: string, progress: Progress): SourceFile[] {
  return sourceFiles(walkPath(path), progress);
}

function walkPath(path: string): readonly ModelFile[] {
  const walk = walkModel(path, { followSymlinks: false, excluded: () => false });
  const [odd] = walk.oddities;
  if (odd) {
    fail("MALFORMED", {
      message: `${odd.message}: a version is made of regular files only`,
      where: path,
      next: "Replace links by the files they point to, and remove what is not a plain file.",
    });
  }
  return walk.files;
}

function sourceFiles(files: readonly ModelFile[], progress: Progress): SourceFile[] {
  let done = 0;
  return files.map(({ path, location }) => ({
    path,
    async *open(): AsyncGenerator<Uint8Array> {
      try {
        yield* createReadStream(location, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>;
      } catch (error) {
        throw ioError(error, location);
      }
      progress.step("storing files", ++done, files.length);
    },
  }));
}

/** `REF` or `REF=role`; the alias defaults to the newest version of that name when nothing is promoted. */
export async function resolveInput(home: Home, tenant: string, text: string): Promise<AssetInput> {
  const [refText = "", role] = text.split("=");
  const version = await resolveVersion(home, tenant, refText);
  return { digest: version.digest, role: role ?? roles[version.kind] };
}

/**
 * The version a reference means. A bare name means what `prod` points to or, when nothing was ever promoted under that name,
 * its newest version, a live one if there is one.
 * @throws NOT_FOUND · USAGE
 */
export async function resolveVersion(home: Home, tenant: string, text: string): Promise<VersionRow> {
  const ref = parseRef(await wholeDigest(home, text.includes("/") ? text : `${tenant}/${text}`));
  const bare = !text.includes(":") && !text.includes("@");
  if (bare && !(await home.repository.alias(ref.tenant, ref.name, "prod"))) {
    const versions = await home.repository.versionsNamed(ref.tenant, ref.name);
    const newest = versions.findLast(({ state }) => state === "live") ?? versions.at(-1);
    if (newest) return home.registry.version(ref.tenant, newest.digest);
  }
  return home.registry.resolve(ref);
}

/** Replaces a shortened digest, as tables and trees print it, by the one version's it begins. @throws USAGE when several begin so */
async function wholeDigest(home: Home, text: string): Promise<string> {
  const parts = /^([^/@]+)\/([^/@]+)@(sha256:[0-9a-f]{8,63})…?$/.exec(text);
  if (!parts) return text;
  const [, tenant = "", name = "", start = ""] = parts;
  const found = (await home.repository.versionsNamed(tenant, name)).filter(({ digest }) => digest.startsWith(start));
  if (found.length > 1)
    fail("USAGE", `${found.length} versions of ${name} begin with ${start}: write more of the digest`);
  return found[0] ? `${tenant}/${name}@${found[0].digest}` : text;
}
