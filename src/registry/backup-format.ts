import type { KeyObject } from "node:crypto";
import type { Signer } from "../core/ports.ts";
import { fromBase64, toBase64, utf8 } from "../kit/bytes.ts";
import { canonicalJson, type Json } from "../kit/canonical-json.ts";
import { asDigest, type Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { type JsonObject, jsonArray, jsonObject, jsonString, parseJson } from "../kit/json.ts";
import { parseEnvelope, signEnvelope, verifyEnvelope } from "../seal/dsse.ts";
import type { ObjectRow, StatementRow } from "../store/repository.ts";

// A backup is a folder: `backup.json`, signed, names every other file with its digest and is written last, so that a backup that
// was interrupted cannot be taken for one. `store.age` is the store, encrypted for the store key; `blobs/` are the ciphertexts as
// they are; `log/` is the public part of the log.

export const backupFile = "backup.json";
export const storeFile = "store.age";
export const backupFormat = 1;
const payloadType = "application/vnd.castellan.backup+json";

/** Which files of a log a backup holds: what the log consists of, and nothing of its writer's lock or journal. */
export const logFileForm = /^(?:checkpoint|state\.json|tile\/[0-9a-z/.]+)$/;
/** Form of our blob keys. */
export const blobKeyForm = /^[0-9a-f]{44}$/;

/** A file of a backup. */
export interface BackupEntry {
  readonly path: string;
  readonly size: number;
  readonly digest: Digest;
}

/** What `backup.json` says. */
export interface BackupManifest {
  readonly madeAt: string;
  /** Number of entries on the log. */
  readonly logSize: number;
  /** Recipient the store is encrypted for. */
  readonly storeKey: string;
  readonly files: readonly BackupEntry[];
}

/** The bytes of `backup.json`. */
export async function encodeManifest(manifest: BackupManifest, signer: Signer): Promise<Uint8Array> {
  const payload = utf8(canonicalJson({ format: backupFormat, ...manifest } as unknown as Json));
  return utf8(canonicalJson((await signEnvelope(payloadType, payload, [signer])) as unknown as Json));
}

/** The manifest in `bytes`. @throws SIGNATURE when none of `keys` signed it · MALFORMED · UNSUPPORTED */
export function decodeManifest(bytes: Uint8Array, keys: readonly KeyObject[]): BackupManifest {
  const envelope = parseEnvelope(bytes, backupFile);
  if (envelope.payloadType !== payloadType) fail("MALFORMED", `${backupFile} is not the manifest of a backup`);
  const manifest = jsonObject(parseJson(verifyEnvelope(envelope, keys).payload, backupFile), backupFile);
  if (manifest["format"] !== backupFormat)
    fail("UNSUPPORTED", {
      message: `The backup has another format than ${backupFormat}`,
      next: "Restore it with a newer Castellan.",
    });
  return {
    madeAt: jsonString(manifest["madeAt"], "madeAt"),
    logSize: Number(manifest["logSize"]),
    storeKey: jsonString(manifest["storeKey"], "storeKey"),
    files: jsonArray(manifest["files"], "files").map((item) => {
      const file = jsonObject(item, "A file");
      const path = jsonString(file["path"], "path");
      if (path !== storeFile && !isBlobPath(path) && !isLogPath(path))
        fail("MALFORMED", { message: "The backup lists a file that is none of a backup", where: path });
      return { path, size: Number(file["size"]), digest: asDigest(jsonString(file["digest"], "digest")) };
    }),
  };
}

/** True for the path of a blob in a backup. */
export function isBlobPath(path: string): boolean {
  return path.startsWith("blobs/") && blobKeyForm.test(path.slice("blobs/".length));
}

/** True for the path of a log file in a backup. */
export function isLogPath(path: string): boolean {
  return path.startsWith("log/") && logFileForm.test(path.slice("log/".length)) && !path.includes("..");
}

/** A line of the store's dump. */
export type DumpLine =
  | { readonly statement: StatementRow }
  | { readonly object: ObjectRow }
  | { readonly fact: { readonly key: string; readonly value: string } };

/** A line of the store's dump as text, with its line feed. */
export function encodeLine(line: DumpLine): string {
  if ("statement" in line) {
    const { envelope, bundle, salt, leaf, ...rest } = line.statement;
    const statement = {
      ...rest,
      envelope: toBase64(envelope),
      bundle: bundle && toBase64(bundle),
      salt: toBase64(salt),
      leaf: toBase64(leaf),
    };
    return `${JSON.stringify({ statement })}\n`;
  }
  if ("object" in line) {
    const { header, ...rest } = line.object;
    return `${JSON.stringify({ object: { ...rest, header: header && toBase64(header) } })}\n`;
  }
  return `${JSON.stringify(line)}\n`;
}

/** Reads what {@link encodeLine} wrote. The store checks the columns; here only the bytes are decoded. @throws MALFORMED */
export function decodeLine(text: string): DumpLine {
  const line = jsonObject(parseJson(text, "A line of the backup"), "A line of the backup");
  const decoded = (from: JsonObject, key: string) => {
    const value = from[key];
    return value === undefined ? undefined : fromBase64(jsonString(value, key), key);
  };
  if (line["statement"] !== undefined) {
    const from = jsonObject(line["statement"], "A statement of the backup");
    const parts = Object.fromEntries(["envelope", "bundle", "salt", "leaf"].map((key) => [key, decoded(from, key)]));
    return { statement: { ...from, ...parts } as unknown as StatementRow };
  }
  if (line["object"] !== undefined) {
    const from = jsonObject(line["object"], "An object of the backup");
    return { object: { ...from, header: decoded(from, "header") } as unknown as ObjectRow };
  }
  const fact = jsonObject(line["fact"], "A fact of the backup");
  return { fact: { key: jsonString(fact["key"], "key"), value: jsonString(fact["value"], "value") } };
}
