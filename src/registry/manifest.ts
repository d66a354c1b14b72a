import type { Manifest, ManifestFile } from "../core/asset.ts";
import { sha256Hex, utf8 } from "../kit/bytes.ts";
import { canonicalJson } from "../kit/canonical-json.ts";
import { asDigest, type Digest, digestOfHex } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { jsonArray, jsonObject, jsonString } from "../kit/json.ts";
import { PathSet } from "./paths.ts";

/**
 * The manifest of `files`, ordered by the UTF-8 bytes of their paths.
 * @throws MALFORMED for no files, unusable or clashing paths · LIMIT
 */
export function manifestOf(files: Iterable<ManifestFile>): Manifest {
  const paths = new PathSet();
  const list: ManifestFile[] = [];
  for (const { path, size, digest } of files) {
    paths.add(path);
    list.push({ path, size, digest });
  }
  if (list.length === 0) fail("MALFORMED", "A version needs at least one file");
  return { files: list.sort((a, b) => Buffer.compare(utf8(a.path), utf8(b.path))) };
}

/** The version digest: SHA-256 of the manifest's canonical JSON (RFC 8785). Binds names, sizes and bytes of all files. */
export function versionDigest(manifest: Manifest): Digest {
  const files = manifest.files.map(({ path, size, digest }) => ({ path, size, digest }));
  return digestOfHex(sha256Hex(utf8(canonicalJson({ files }))));
}

/** The manifest in a JSON value, in the order it must have. @throws MALFORMED · LIMIT */
export function parseManifest(value: unknown, what = "The manifest"): Manifest {
  const files = jsonArray(jsonObject(value, what)["files"], `${what}'s files`).map((item) => {
    const file = jsonObject(item, "A file of the manifest");
    const size = file["size"];
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
      fail("MALFORMED", `${what} has a wrong size`);
    return {
      path: jsonString(file["path"], "A path of the manifest"),
      size,
      digest: asDigest(jsonString(file["digest"], "A digest of the manifest")),
    };
  });
  return manifestOf(files);
}
