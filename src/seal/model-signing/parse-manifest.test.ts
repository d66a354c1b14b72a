import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../kit/bytes.ts";
import { parseManifest } from "./parse-manifest.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const root = (...digests: string[]): string => createHash("sha256").update(digests.join(""), "hex").digest("hex");

const resources = ["a", "b"].map((name) => ({ name, digest: digest(name), algorithm: "sha256" }));
const serialization = { method: "files", hash_type: "sha256", allow_symlinks: false, ignore_paths: [".git"] };

interface Parts {
  statement?: object;
  predicate?: object;
  serialization?: object;
  resources?: readonly { name: unknown; digest: unknown; algorithm?: unknown }[];
  root?: string;
}

/** A statement with parts replaced; its root digest fits the resources unless another is given. */
function payload(parts: Parts = {}): Uint8Array {
  const listed = parts.resources ?? resources;
  const sha256 = parts.root ?? root(...listed.map((entry) => String(entry.digest)));
  return utf8(
    JSON.stringify({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "model", digest: { sha256 } }],
      predicateType: "https://model_signing/signature/v1.0",
      predicate: { resources: listed, serialization: { ...serialization, ...parts.serialization }, ...parts.predicate },
      ...parts.statement,
    }),
  );
}

const shard = (name: string): { name: string; digest: string; algorithm: string } => ({
  name,
  digest: digest(name),
  algorithm: "sha256",
});

test("a statement of the current format is read in its listed order", () => {
  const { manifest, rootDigest, predicateType } = parseManifest(payload());
  expect(manifest.resources).toEqual(resources.map(({ name, digest }) => ({ name, digest })));
  expect(manifest.serialization).toEqual({
    method: "files",
    hashType: "sha256",
    allowSymlinks: false,
    ignorePaths: [".git"],
  });
  expect(rootDigest).toBe(root(digest("a"), digest("b")));
  expect(predicateType).toBe("https://model_signing/signature/v1.0");
});

test("ignored paths may be absent, resources may carry fields of their own, subjects too", () => {
  expect(
    parseManifest(payload({ serialization: { ignore_paths: undefined } })).manifest.serialization.ignorePaths,
  ).toEqual([]);
  const annotated = resources.map((entry) => ({ ...entry, uri: "https://example.org" }));
  expect(parseManifest(payload({ resources: annotated })).manifest.resources).toHaveLength(2);
  const subject = [{ name: "m", digest: { sha256: root(digest("a"), digest("b")), sha512: "ab" }, annotations: {} }];
  expect(parseManifest(payload({ statement: { subject } })).manifest.modelName).toBe("m");
});

test("shards are read, also of paths with colons, in the order of names and in that of offsets", () => {
  const shards = { serialization: { method: "shards", shard_size: 10 } };
  for (const order of [
    ["w:x:0:10", "w:x:100:110", "w:x:10:20", "w:x:20:30"],
    ["w:x:0:10", "w:x:10:20", "w:x:20:30", "w:x:100:110"],
  ]) {
    const { manifest } = parseManifest(payload({ ...shards, resources: order.map(shard) }));
    expect(manifest.resources.map(({ name }) => name)).toEqual(order);
    expect(manifest.serialization.shardSize).toBe(10);
  }
});

test("blake2b digests have 64 bytes; the root digest is still SHA-256 over them", () => {
  const long = createHash("blake2b512").update("a").digest("hex");
  const listed = [{ name: "a", digest: long, algorithm: "blake2b" }];
  const parsed = parseManifest(payload({ resources: listed, serialization: { hash_type: "blake2b" } }));
  expect(parsed.manifest.serialization.hashType).toBe("blake2b");
  expect(parsed.rootDigest).toBe(root(long));
});

describe("a statement is refused", () => {
  test.each<[string, Parts, string, RegExp]>([
    ["of another type", { statement: { _type: "https://in-toto.io/Statement/v0.1" } }, "MALFORMED", /not of type/],
    ["of another predicate", { statement: { predicateType: "https://slsa.dev/provenance/v1" } }, "UNSUPPORTED", /slsa/],
    ["without predicate", { statement: { predicate: undefined } }, "MALFORMED", /predicate/],
    ["with a field of its own", { statement: { extra: 1 } }, "MALFORMED", /"extra"/],
    ["with a predicate field of its own", { predicate: { extra: 1 } }, "MALFORMED", /"extra"/],
    ["with a serialization field of its own", { serialization: { extra: 1 } }, "MALFORMED", /"extra"/],
    ["without subject", { statement: { subject: [] } }, "MALFORMED", /0 subjects/],
    [
      "with two subjects",
      { statement: { subject: [1, 2].map(() => ({ name: "m", digest: { sha256: digest("") } })) } },
      "MALFORMED",
      /2 subjects/,
    ],
    [
      "with an empty subject name",
      { statement: { subject: [{ name: "", digest: { sha256: digest("") } }] } },
      "MALFORMED",
      /name is empty/,
    ],
    ["with a subject without sha256", { statement: { subject: [{ name: "m", digest: {} }] } }, "MALFORMED", /sha256/],
    ["with another root digest", { root: digest("other") }, "INTEGRITY", /root digest/],
    [
      "with resources swapped under the old root digest",
      { resources: resources.toReversed(), root: root(digest("a"), digest("b")) },
      "MALFORMED",
      /order/,
    ],
    ["with resources swapped under a new root digest", { resources: resources.toReversed() }, "MALFORMED", /order/],
    ["with a resource twice", { resources: [resources[0]!, resources[0]!] }, "MALFORMED", /listed twice/],
    ["without resources", { resources: [] }, "MALFORMED", /empty model/],
    [
      "with upper-case digests",
      { resources: [{ ...resources[0]!, digest: digest("a").toUpperCase() }] },
      "MALFORMED",
      /digits/,
    ],
    ["with a short digest", { resources: [{ ...resources[0]!, digest: "abcd" }] }, "MALFORMED", /64/],
    [
      "with a resource of another algorithm",
      { resources: [{ ...resources[0]!, algorithm: "blake2b" }] },
      "MALFORMED",
      /says sha256/,
    ],
    [
      "with a resource without algorithm",
      { resources: [{ ...resources[0]!, algorithm: undefined }] },
      "MALFORMED",
      /algorithm/,
    ],
    ["with a resource without name", { resources: [{ ...resources[0]!, name: undefined }] }, "MALFORMED", /name/],
    ["with an absolute name", { resources: [{ ...resources[0]!, name: "/etc/passwd" }] }, "MALFORMED", /absolute/],
    ["with a name that leaves the model", { resources: [{ ...resources[0]!, name: "../a" }] }, "MALFORMED", /\.\./],
    [
      "with a name not in canonical form",
      { resources: [{ ...resources[0]!, name: "a//b" }] },
      "MALFORMED",
      /canonical/,
    ],
    ["with a backslash in a name", { resources: [{ ...resources[0]!, name: "a\\b" }] }, "MALFORMED", /backslash/],
    ["with a NUL in a name", { resources: [{ ...resources[0]!, name: "a\0" }] }, "MALFORMED", /NUL/],
    ["hashed with blake3", { serialization: { hash_type: "blake3" } }, "UNSUPPORTED", /blake3/],
    ["hashed with blake2", { serialization: { hash_type: "blake2" } }, "UNSUPPORTED", /blake2/],
    ["hashed with md5", { serialization: { hash_type: "md5" } }, "UNSUPPORTED", /md5/],
    ["serialized in another way", { serialization: { method: "tensors" } }, "UNSUPPORTED", /tensors/],
    ["with shards of no size", { serialization: { method: "shards" } }, "MALFORMED", /shard size/],
    ["with shards of size 0", { serialization: { method: "shards", shard_size: 0 } }, "MALFORMED", /shard size/],
    ["with shards of half a byte", { serialization: { method: "shards", shard_size: 0.5 } }, "MALFORMED", /shard size/],
    ["with a shard size for whole files", { serialization: { shard_size: 10 } }, "MALFORMED", /shard size/],
    [
      "with plain names for shards",
      { serialization: { method: "shards", shard_size: 9 } },
      "MALFORMED",
      /path:start:end/,
    ],
    [
      "without a word on symbolic links",
      { serialization: { allow_symlinks: undefined } },
      "MALFORMED",
      /allow_symlinks/,
    ],
    [
      "with a textual word on symbolic links",
      { serialization: { allow_symlinks: "false" } },
      "MALFORMED",
      /allow_symlinks/,
    ],
    ["with ignored paths that are no list", { serialization: { ignore_paths: "x" } }, "MALFORMED", /ignore_paths/],
  ])("%s", (_, parts, code, message) => {
    const attempt = (): unknown => parseManifest(payload(parts));
    expect(attempt).toThrow(expect.objectContaining({ code }));
    expect(attempt).toThrow(message);
  });
});

describe("the v0.2 format", () => {
  const legacy = (subject: readonly object[], more: object = {}): Uint8Array =>
    utf8(
      JSON.stringify({
        _type: "https://in-toto.io/Statement/v1",
        subject,
        predicateType: "https://model_signing/Digests/v0.1",
        predicate: { unused: "Unused, just passed due to API requirements" },
        ...more,
      }),
    );
  const entry = (name: string, algorithm?: string): object => ({
    name,
    digest: { sha256: digest(name) },
    ...(algorithm === undefined ? {} : { annotations: { actual_hash_algorithm: algorithm } }),
  });

  test("has one subject per file, hashed whole with sha256", () => {
    const { manifest, predicateType } = parseManifest(
      legacy([entry("b", "file-sha256"), entry("a", "sha256"), entry(".")]),
    );
    expect(predicateType).toBe("https://model_signing/Digests/v0.1");
    expect(manifest.resources.map(({ name }) => name)).toEqual(["b", "a", "."]);
    expect(manifest.serialization).toEqual({
      method: "files",
      hashType: "sha256",
      allowSymlinks: false,
      ignorePaths: [],
    });
  });

  test("is refused with other hashes, names twice, names that leave the model, and without subjects", () => {
    expect(() => parseManifest(legacy([entry("a", "file-blake2b")]))).toThrow(/only sha256/);
    expect(() => parseManifest(legacy([entry("a"), entry("a")]))).toThrow(/listed twice/);
    expect(() => parseManifest(legacy([entry("../a")]))).toThrow(/\.\./);
    expect(() => parseManifest(legacy([]))).toThrow(/empty model/);
  });
});
