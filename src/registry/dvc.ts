import { createHash } from "node:crypto";
import { parseDocument, YAMLParseError } from "yaml";
import { textOf, utf8 } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { jsonArray, jsonObject } from "../kit/json.ts";
import { checkPath } from "./paths.ts";

const maxDvcBytes = 1024 * 1024;
const maxOuts = 1000;

/** Something a `.dvc` file tracks. */
export interface DvcOut {
  /** Relative to the `.dvc` file. */
  readonly path: string;
  /** 32 hex digits, of the file or, for a folder, of its listing. */
  readonly md5: string;
  readonly folder: boolean;
  readonly size?: number | undefined;
  /** Number of files of a folder. */
  readonly nfiles?: number | undefined;
  /** True for files written before DVC 3, whose text files were hashed with line ends as in Unix. */
  readonly unixLineEnds: boolean;
}

/**
 * Reads a `.dvc` file (https://dvc.org/doc/user-guide/project-structure/dvc-files).
 * @throws MALFORMED naming the field, UNSUPPORTED for outputs without MD5 (kept only in a cloud), LIMIT
 */
export function parseDvc(bytes: Uint8Array, where: string): readonly DvcOut[] {
  if (bytes.length > maxDvcBytes) fail("LIMIT", { message: `A .dvc file has at most ${maxDvcBytes} bytes`, where });
  // Every scalar stays text: a digest of digits only, or one like 1e23…, must not turn into a number.
  const document = parseDocument(textOf(bytes, where), { schema: "failsafe", uniqueKeys: true, logLevel: "silent" });
  const fault: YAMLParseError | undefined = document.errors[0];
  if (fault) fail("MALFORMED", { message: `${where} is not YAML: ${fault.message}`, where });
  const outs = jsonArray(jsonObject(plain(document, where), where)["outs"], `${where}: outs`);
  if (outs.length === 0) fail("MALFORMED", { message: "The .dvc file tracks nothing", where });
  if (outs.length > maxOuts) fail("LIMIT", { message: `A .dvc file tracks at most ${maxOuts} outputs`, where });
  return outs.map((out, index) => readOut(jsonObject(out, `${where}: outs[${index}]`), `${where}: outs[${index}]`));
}

/** The document's value; aliases are bounded, so that a small file cannot become a large one. */
function plain(document: ReturnType<typeof parseDocument>, where: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    return fail("LIMIT", { message: "The .dvc file repeats itself too often", where, cause });
  }
}

function readOut(out: { readonly [key: string]: unknown }, where: string): DvcOut {
  const text = (key: string) => {
    const value = out[key];
    return typeof value === "string" ? value : undefined;
  };
  const path = text("path") ?? fail("MALFORMED", { message: "An output has no path", where });
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path))
    fail("UNSUPPORTED", {
      message: `${path.slice(0, 200)} lies outside of the project`,
      where,
      next: "Register the data itself.",
    });
  checkPath(path);
  const md5 = /^([0-9a-f]{32})(\.dir)?$/.exec(text("md5") ?? "");
  if (!md5) {
    if (out["md5"] === undefined)
      fail("UNSUPPORTED", { message: `${path} has no MD5`, where, next: "Register the data itself." });
    fail("MALFORMED", { message: `The MD5 of ${path} is not 32 hexadecimal digits`, where });
  }
  const count = (key: string) => {
    const value = text(key);
    if (out[key] === undefined) return undefined;
    return value !== undefined && /^\d{1,15}$/.test(value)
      ? Number(value)
      : fail("MALFORMED", { message: `${key} of ${path} is not a number`, where });
  };
  return {
    path,
    md5: md5[1]!,
    folder: md5[2] !== undefined,
    size: count("size"),
    nfiles: count("nfiles"),
    unixLineEnds: text("hash") !== "md5",
  };
}

/** MD5 of a file as DVC takes it, and what else was seen on the way. */
export interface DvcFile {
  /** Relative to the folder; "" for an output that is a file. */
  readonly path: string;
  readonly md5: string;
  /** The same over bytes whose CR LF became LF, as DVC before version 3 hashed text. */
  readonly unixMd5: string;
  readonly sha256: string;
  readonly size: number;
}

/** Hashes a file's bytes in one pass. MD5 here only recognizes what DVC recorded; what we vouch for is the SHA-256. */
export async function hashForDvc(path: string, bytes: AsyncIterable<Uint8Array>): Promise<DvcFile> {
  const [md5, unix, sha] = [createHash("md5"), createHash("md5"), createHash("sha256")];
  let size = 0;
  let heldReturn = false;
  for await (const chunk of bytes) {
    md5.update(chunk);
    sha.update(chunk);
    size += chunk.length;
    // A CR at the end of a chunk waits for what the next one begins with.
    const joined: Buffer = heldReturn ? Buffer.concat([carriageReturn, chunk]) : Buffer.from(chunk);
    heldReturn = joined.at(-1) === 13;
    unix.update(withUnixLineEnds(heldReturn ? joined.subarray(0, -1) : joined));
  }
  if (heldReturn) unix.update(carriageReturn);
  return { path, md5: md5.digest("hex"), unixMd5: unix.digest("hex"), sha256: sha.digest("hex"), size };
}

const carriageReturn = Buffer.from("\r");

function withUnixLineEnds(bytes: Buffer): Buffer {
  return bytes.includes("\r\n") ? Buffer.from(bytes.toString("latin1").replaceAll("\r\n", "\n"), "latin1") : bytes;
}

/**
 * What keeps `files` from being the output `out`; undefined when they are it. A folder's MD5 is that of its listing, written like
 * Python's `json.dumps(…, sort_keys=True)` writes it, ordered by path.
 */
export function dvcFault(out: DvcOut, files: readonly DvcFile[]): string | undefined {
  if (!out.folder) {
    const only = files[0];
    if (files.length !== 1 || !only) return `${out.path} is not one file`;
    return matches(out, only, out.md5) ? undefined : `${out.path} has MD5 ${only.md5} where ${out.md5} is recorded`;
  }
  if (out.nfiles !== undefined && out.nfiles !== files.length)
    return `${out.path} has ${files.length} files where ${out.nfiles} are recorded`;
  const sorted = [...files].sort((a, b) => Buffer.compare(utf8(a.path), utf8(b.path)));
  const listing = (unix: boolean) =>
    md5Of(
      `[${sorted.map((file) => `{"md5": "${unix ? file.unixMd5 : file.md5}", "relpath": ${pythonString(file.path)}}`).join(", ")}]`,
    );
  if (listing(false) === out.md5 || (out.unixLineEnds && listing(true) === out.md5)) return undefined;
  return `The files of ${out.path} are not those the listing ${out.md5} was made of`;
}

function matches(out: DvcOut, file: DvcFile, md5: string): boolean {
  return file.md5 === md5 || (out.unixLineEnds && file.unixMd5 === md5);
}

/** A string as Python's json module writes it: everything outside ASCII as \u escapes. */
function pythonString(text: string): string {
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => (unit === "\u007f" ? unit : escape(unit)));
}

function md5Of(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
