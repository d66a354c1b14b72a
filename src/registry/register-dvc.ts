import type { AssetTerms } from "../core/asset.ts";
import { predicateTypeOf } from "../core/statement.ts";
import { fail } from "../kit/errors.ts";
import type { StatementRow, VersionRow } from "../store/repository.ts";
import { declare } from "./attach.ts";
import type { Context } from "./context.ts";
import { asJson } from "./predicates.ts";
import { type DvcFile, type DvcOut, dvcFault, hashForDvc, parseDvc } from "./dvc.ts";
import { register } from "./register.ts";

/** Predicate type of the record that data was beside its `.dvc` file and was what that says. */
export const dvcCheckType = predicateTypeOf("dvc-check");

/** A file that lies where a `.dvc` file says its data is. */
export interface DataFile {
  /** Relative to the output; "" when the output is a file. */
  readonly path: string;
  open(): AsyncIterable<Uint8Array>;
}

/** An existing `.dvc` file to be used as an input. */
export interface DvcInput {
  readonly tenant: string;
  readonly name: string;
  /** Name of the `.dvc` file, e.g. `data.csv.dvc`. */
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly terms?: AssetTerms;
  /** The files of an output when its data is at hand; undefined when it is not. */
  readonly beside?: (out: DvcOut) => AsyncIterable<DataFile> | undefined;
}

/** A `.dvc` file on record. */
export interface RegisteredDvc {
  readonly version: VersionRow;
  /** The record that the data was checked; undefined when some of it was not at hand. */
  readonly check: StatementRow | undefined;
}

/**
 * Registers a `.dvc` file as a dataset that is kept elsewhere, to be named as an input with the role "external". What it tracks, with
 * the MD5s DVC recorded, stands in the facts. Data that is at hand is checked against them, and that it was is recorded together with
 * its SHA-256.
 * @throws INTEGRITY naming the file when data at hand is not what DVC recorded (nothing is registered) · what {@link parseDvc} throws
 */
export async function registerDvc(context: Context, input: DvcInput): Promise<RegisteredDvc> {
  const { tenant, name, fileName, bytes, terms = {} } = input;
  const outs = parseDvc(bytes, fileName);
  const checked = new Map<DvcOut, readonly DvcFile[]>();
  for (const out of outs) {
    const files = input.beside?.(out);
    if (files) checked.set(out, await checkOut(out, files));
  }
  const version = await register(context, {
    tenant,
    kind: "dataset",
    name,
    files: [{ path: fileName, open: () => only(bytes) }],
    terms,
    facts: {
      external: "dvc",
      outs: outs.map(({ path, md5, folder, size, nfiles }) => ({ path, md5, folder, size, nfiles })),
    },
  });
  if (checked.size < outs.length) return { version, check: undefined };
  const predicate = {
    outs: outs.map((out) => ({
      path: out.path,
      md5: out.md5,
      files: checked.get(out)!.map(({ path, size, sha256 }) => ({ path, size, sha256 })),
    })),
  };
  const check = await declare(context, {
    tenant,
    version: version.digest,
    predicateType: dvcCheckType,
    predicate: asJson(predicate),
  });
  return { version, check };
}

async function checkOut(out: DvcOut, files: AsyncIterable<DataFile>): Promise<readonly DvcFile[]> {
  const hashed: DvcFile[] = [];
  for await (const file of files) hashed.push(await hashForDvc(file.path, file.open()));
  const fault = dvcFault(out, hashed);
  if (fault !== undefined)
    fail("INTEGRITY", {
      message: fault,
      where: out.path,
      next: "Run `dvc checkout` or `dvc pull`; nothing was registered.",
    });
  return hashed;
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
