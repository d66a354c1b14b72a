import type { AssetKind } from "../../core/asset.ts";
import { asDigest, type Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { type JsonObject, jsonArray, jsonObject, jsonString } from "../../kit/json.ts";
import type { Json } from "../../kit/canonical-json.ts";

/** Predicate type of an evidence folder's index. */
export const evidenceType = "urn:castellan:evidence:v1";

/** Fixed places in an evidence folder. */
export const evidencePlaces = {
  index: "evidence.json",
  model: "model",
  signature: "model.sig",
  bom: "bom.cdx.json",
  policy: "policy.yaml",
  log: "log",
  trust: "trust",
  vkey: "trust/log.vkey",
  statements: "statements",
} as const;

/** A statement of the folder: `<file>.dsse.json` and `<file>.tlog-proof`. */
export interface EvidenceStatement {
  /** Path without its ending. */
  readonly file: string;
  readonly digest: Digest;
  readonly kind: string;
  /** The version it is about, when it is about one of the folder's versions. */
  readonly version?: Digest | undefined;
  readonly topic: string;
  /** Key id its leaf states. */
  readonly by: Digest;
  /** Salt of its leaf, hexadecimal. */
  readonly salt: string;
  readonly recordedAt: string;
}

/** What the folder claims; every claim is checked against signed statements and the log. */
export interface EvidenceIndex {
  readonly tenant: string;
  readonly name: string;
  readonly kind: AssetKind;
  readonly version: Digest;
  readonly alias: string;
  readonly ancestors: readonly Digest[];
  readonly logSize: number;
  readonly promotion: Digest;
  readonly exportedAt: string;
  readonly files: readonly { readonly path: string; readonly size: number; readonly digest: Digest }[];
  readonly statements: readonly EvidenceStatement[];
}

/** Reads the predicate of an evidence index. @throws MALFORMED */
export function readEvidenceIndex(predicate: Json): EvidenceIndex {
  const object = jsonObject(predicate, "the evidence index");
  const text = (from: JsonObject, key: string): string => jsonString(from[key], `the evidence index: ${key}`);
  const count = (from: JsonObject, key: string): number => {
    const value = from[key];
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
      ? value
      : fail("MALFORMED", `the evidence index: ${key} is not a count`);
  };
  const digest = (from: JsonObject, key: string): Digest => asDigest(text(from, key), key);
  const kind = text(object, "kind");
  if (kind !== "model" && kind !== "dataset" && kind !== "features")
    fail("MALFORMED", "the evidence index: kind is unknown");
  return {
    tenant: text(object, "tenant"),
    name: text(object, "name"),
    kind,
    version: digest(object, "version"),
    alias: text(object, "alias"),
    ancestors: jsonArray(object["ancestors"], "ancestors").map((item) => asDigest(jsonString(item, "ancestor"))),
    logSize: count(object, "logSize"),
    promotion: digest(object, "promotion"),
    exportedAt: text(object, "exportedAt"),
    files: jsonArray(object["files"], "files").map((item) => {
      const file = jsonObject(item, "file");
      return { path: text(file, "path"), size: count(file, "size"), digest: digest(file, "digest") };
    }),
    statements: jsonArray(object["statements"], "statements").map((item) => {
      const statement = jsonObject(item, "statement");
      return {
        file: text(statement, "file"),
        digest: digest(statement, "digest"),
        kind: text(statement, "kind"),
        version: statement["version"] === undefined ? undefined : digest(statement, "version"),
        topic: text(statement, "topic"),
        by: digest(statement, "by"),
        salt: text(statement, "salt"),
        recordedAt: text(statement, "recordedAt"),
      };
    }),
  };
}
