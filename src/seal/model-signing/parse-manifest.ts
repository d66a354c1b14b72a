import type { Json } from "../../kit/canonical-json.ts";
import { fail } from "../../kit/errors.ts";
import type { JsonObject } from "../../kit/json.ts";
import { jsonArray, jsonObject, jsonString, parseJson } from "../../kit/json.ts";
import { statementType } from "../in-toto.ts";
import { maxBundleBytes, only } from "./bundle.ts";
import type { HashType, Manifest, Resource, Serialization } from "./format.ts";
import { hashTypes, legacyPredicateType, modelPredicateType } from "./format.ts";
import { inKnownOrder, parseShardName, pathFault, shown } from "./names.ts";
import { rootDigest } from "./statement.ts";

/** A manifest as read, with the predicate type it came from. */
export interface ReadManifest {
  readonly manifest: Manifest;
  readonly predicateType: typeof modelPredicateType | typeof legacyPredicateType;
  /** SHA-256 over the resource digests in listed order, hexadecimal. */
  readonly rootDigest: string;
}

/**
 * Reads the verified payload of a model signature: an in-toto statement of the current format, strictly by its schemas,
 * or of the v0.2 format. Names must be canonical, unique and in an order some signer uses; the root digest must be the
 * one that the listed resources have.
 * @throws MALFORMED, LIMIT; INTEGRITY when the root digest differs; UNSUPPORTED for blake3 and other statements
 */
export function parseManifest(payload: Uint8Array): ReadManifest {
  const statement = jsonObject(parseJson(payload, "the signed statement", maxBundleBytes), "the signed statement");
  only(statement, ["_type", "subject", "predicateType", "predicate"], "the statement");
  if (statement["_type"] !== statementType) fail("MALFORMED", `the signed payload is not of type ${statementType}`);
  const predicateType = jsonString(statement["predicateType"], "statement: predicateType");
  const subjects = jsonArray(statement["subject"], "statement: subject");
  if (predicateType === legacyPredicateType) return legacyManifest(subjects);
  if (predicateType !== modelPredicateType) {
    fail("UNSUPPORTED", `the statement is a "${predicateType.slice(0, 100)}", not the signature of a model`);
  }
  if (subjects.length !== 1) fail("MALFORMED", `the statement has ${subjects.length} subjects instead of one`);
  const subject = readSubject(subjects[0]!, "statement: subject");
  const predicate = jsonObject(statement["predicate"], "statement: predicate");
  only(predicate, ["resources", "serialization"], "the predicate");
  const serialization = readSerialization(jsonObject(predicate["serialization"], "predicate: serialization"));
  const listed = jsonArray(predicate["resources"], "predicate: resources");
  const resources = listed.map((entry, i) => readResource(entry, i, serialization.hashType));
  checkNames(resources, serialization.method === "shards", true);
  const root = rootDigest(resources);
  if (root !== subject.sha256) {
    fail("INTEGRITY", "the root digest is not the one of the listed resources: the list was changed or re-ordered");
  }
  return { manifest: { modelName: subject.name, serialization, resources }, predicateType, rootDigest: root };
}

/** v0.2: every subject is a file; only sha256 over whole files existed. */
function legacyManifest(subjects: readonly Json[]): ReadManifest {
  const resources = subjects.map((entry, i): Resource => {
    const what = `statement: subject ${i}`;
    const { name, sha256 } = readSubject(entry, what);
    const annotations = (entry as JsonObject)["annotations"];
    const actual = annotations === undefined ? undefined : jsonObject(annotations, what)["actual_hash_algorithm"];
    if (actual !== undefined && actual !== "sha256" && actual !== "file-sha256") {
      fail("UNSUPPORTED", `${what} was hashed with ${JSON.stringify(actual).slice(0, 80)}, only sha256 is supported`);
    }
    return { name, digest: sha256 };
  });
  checkNames(resources, false, false);
  return {
    manifest: {
      modelName: "",
      serialization: { method: "files", hashType: "sha256", allowSymlinks: false, ignorePaths: [] },
      resources,
    },
    predicateType: legacyPredicateType,
    rootDigest: rootDigest(resources),
  };
}

function readSubject(entry: Json, what: string): { name: string; sha256: string } {
  const object = jsonObject(entry, what);
  const name = jsonString(object["name"], `${what}: name`);
  if (name === "") fail("MALFORMED", `${what}: name is empty`);
  const digest = jsonObject(object["digest"], `${what}: digest`);
  return { name, sha256: readDigest(digest["sha256"], "sha256", `${what}: sha256`) };
}

function readSerialization(json: JsonObject): Serialization {
  only(json, ["method", "hash_type", "shard_size", "allow_symlinks", "ignore_paths"], "the serialization");
  const method = jsonString(json["method"], "serialization: method");
  if (method !== "files" && method !== "shards") {
    fail("UNSUPPORTED", `the serialization method "${method.slice(0, 80)}" is not supported, only files and shards`);
  }
  const shardSize = json["shard_size"];
  if (method === "files" && shardSize !== undefined) {
    fail("MALFORMED", "the serialization gives a shard size for whole files");
  }
  if (method === "shards" && !(Number.isSafeInteger(shardSize) && Number(shardSize) > 0)) {
    fail("MALFORMED", "the serialization's shard size is not a positive whole number");
  }
  const allowSymlinks = json["allow_symlinks"];
  if (typeof allowSymlinks !== "boolean") fail("MALFORMED", "the serialization's allow_symlinks is not true or false");
  return {
    method,
    hashType: readHashType(jsonString(json["hash_type"], "serialization: hash_type")),
    ...(method === "shards" ? { shardSize: Number(shardSize) } : {}),
    allowSymlinks,
    ignorePaths: jsonArray(json["ignore_paths"] ?? [], "serialization: ignore_paths").map((entry, i) =>
      // Entries in another form than ours (trailing slash, absolute) were written by older tools; one that is no
      // canonical path excludes nothing, which can only make verification stricter.
      jsonString(entry, `serialization: ignore_paths ${i}`),
    ),
  };
}

function readHashType(name: string): HashType {
  if (Object.hasOwn(hashTypes, name)) return name as HashType;
  return fail("UNSUPPORTED", {
    message: `the hash algorithm "${name.slice(0, 80)}" is not supported`,
    next: `Have the model signed with ${Object.keys(hashTypes).join(" or ")}.`,
  });
}

function readResource(entry: Json, index: number, hashType: HashType): Resource {
  const what = `resource ${index}`;
  // Further members of a resource are to be ignored (specification §5.2.1).
  const object = jsonObject(entry, what);
  const algorithm = jsonString(object["algorithm"], `${what}: algorithm`);
  if (algorithm !== hashType) {
    fail("MALFORMED", `${what} was hashed with "${algorithm.slice(0, 80)}", the serialization says ${hashType}`);
  }
  return {
    name: jsonString(object["name"], `${what}: name`),
    digest: readDigest(object["digest"], hashType, `${what}: digest`),
  };
}

function readDigest(value: Json | undefined, hashType: HashType, what: string): string {
  const text = jsonString(value, what);
  const length = hashTypes[hashType].bytes * 2;
  if (text.length !== length || !/^[0-9a-f]+$/.test(text)) {
    fail("MALFORMED", `${what} is not a ${hashType} digest of ${length} lower-case hexadecimal digits`);
  }
  return text;
}

function checkNames(resources: readonly Resource[], shards: boolean, ordered: boolean): void {
  if (resources.length === 0) fail("MALFORMED", "the signature lists no resource: an empty model is not accepted");
  const seen = new Set<string>();
  for (const { name } of resources) {
    const path = shards ? parseShardName(name).path : name;
    // "." is how older versions of the reference tool named a model of a single file.
    const fault = path === "." ? undefined : pathFault(path);
    if (fault) fail("MALFORMED", `the resource name ${shown(name)} ${fault}`);
    if (seen.has(name)) fail("MALFORMED", `the resource ${shown(name)} is listed twice`);
    seen.add(name);
  }
  const names = resources.map(({ name }) => name);
  if (ordered && !inKnownOrder(names, shards))
    fail("MALFORMED", "the resources are not listed in order of their names");
}
