import { createReadStream, existsSync, lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { AssetKind, AssetTerms } from "../../core/asset.ts";
import { fail } from "../../kit/errors.ts";
import type { DvcOut } from "../../registry/dvc.ts";
import type { DataFile } from "../../registry/register-dvc.ts";
import type { VersionRow } from "../../store/repository.ts";
import type { Home } from "../home/open.ts";
import { walkModel } from "../model-files/walk.ts";
import { readDocument } from "./read-document.ts";

/** True for an existing `.dvc` file registered as a dataset: it stands for data kept elsewhere. */
export function isDvcFile(path: string, kind: AssetKind): boolean {
  return kind === "dataset" && path.endsWith(".dvc") && lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Registers a `.dvc` file: what it tracks goes on record with DVC's MD5s, and data that lies beside it is checked against them.
 * @throws INTEGRITY naming the file when data at hand is not what DVC recorded · MALFORMED, UNSUPPORTED for the file itself
 */
export async function registerDvcFile(
  home: Home,
  {
    path,
    tenant,
    name,
    terms,
  }: { readonly path: string; readonly tenant: string; readonly name: string; readonly terms: AssetTerms },
): Promise<VersionRow> {
  const bytes = readDocument(path, "the .dvc file", 1024 * 1024);
  const folder = dirname(path);
  const { version } = await home.registry.registerDvc({
    tenant,
    name,
    fileName: basename(path),
    bytes,
    terms,
    beside: (out) => filesBeside(folder, out),
  });
  return version;
}

/** The parser has made sure that an output's path stays below the folder of its `.dvc` file. */
function filesBeside(folder: string, out: DvcOut): AsyncIterable<DataFile> | undefined {
  const root = join(folder, ...out.path.split("/"));
  if (!existsSync(root)) return undefined;
  const walk = walkModel(root, { followSymlinks: true, excluded: () => false });
  const [odd] = walk.oddities;
  if (odd) fail("MALFORMED", { message: odd.message, where: out.path });
  return (async function* () {
    for (const { path, location } of walk.files) {
      yield {
        path: walk.single ? "" : path,
        open: () => createReadStream(location, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>,
      };
    }
  })();
}
