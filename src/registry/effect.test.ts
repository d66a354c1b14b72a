import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256Hex, utf8 } from "../kit/bytes.ts";
import type { Json } from "../kit/canonical-json.ts";
import type { Digest } from "../kit/digest.ts";
import { isCastellanError } from "../kit/errors.ts";
import { effectOf } from "./effect.ts";
import { aliasTopic, encodeLeaf, killTopic, parseLeaf, saltedDigest } from "./leaf.ts";
import { manifestOf, versionDigest } from "./manifest.ts";
import { changesState, isReserved, stateTypes } from "./predicates.ts";

const digest: Digest = `sha256:${"ab".repeat(32)}`;
const statement = (predicateType: string, predicate: Json) => ({
  _type: "https://in-toto.io/Statement/v1" as const,
  subject: [{ name: "x", digest: { sha256: "ab".repeat(32) } }],
  predicateType,
  predicate,
});

describe("the effect of a statement", () => {
  it("is nothing for types that change no state", () => {
    for (const type of [
      "urn:castellan:gate-verdict:v1",
      "urn:castellan:feature-read:v1",
      "https://slsa.dev/provenance/v1",
      "",
    ]) {
      expect(effectOf(statement(type, {}), digest)).toEqual({ does: "nothing" });
      expect(changesState(type)).toBe(false);
    }
    expect(isReserved("urn:castellan:feature-read:v1")).toBe(true);
  });

  it("is a clear refusal, never a surprise, for predicates of any other form", () => {
    const names = [
      "tenant",
      "name",
      "version",
      "files",
      "inputs",
      "facts",
      "affected",
      "withdraws",
      "to",
      "killed",
      "scope",
    ];
    const value = fc.oneof(fc.jsonValue(), fc.constant(digest), fc.constant("x"), fc.nat(), fc.constant([]));
    const predicate = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names, "__proto__"), value));
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(stateTypes)), predicate, (type, content) => {
        try {
          effectOf(statement(type, content), digest);
        } catch (error) {
          expect(isCastellanError(error, "MALFORMED", "LIMIT")).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("of a registration is refused when its digest is not that of its files", () => {
    const files = [{ path: "a", size: 1, digest }];
    const registration = (version: Digest) => ({
      tenant: "default",
      kind: "model",
      name: "m",
      version,
      topic: "00".repeat(16),
      files,
      inputs: [],
      facts: {},
      registeredAt: "2026-01-01T00:00:00.000Z",
    });
    const good = effectOf(statement(stateTypes.registration, registration(versionDigest(manifestOf(files)))), digest);
    expect(good).toMatchObject({ does: "add-version", row: { name: "m", state: "live", statement: digest } });
    expect(() => effectOf(statement(stateTypes.registration, registration(digest)), digest)).toThrow("digest");
  });
});

describe("leaves", () => {
  it("hold the salted digest, the topic and the signer, and read back", () => {
    const salt = new Uint8Array(16).fill(1);
    const leaf = {
      kind: "promotion",
      topic: aliasTopic("default", "m", "prod"),
      by: digest,
      at: "2026-01-01T00:00:00.000Z",
      digest: saltedDigest(salt, utf8("e")),
    };
    const bytes = encodeLeaf(leaf);
    expect(Buffer.from(bytes).toString()).toBe(
      `{"at":"2026-01-01T00:00:00.000Z","by":"${digest}","digest":"${leaf.digest}","kind":"promotion","topic":"${leaf.topic}","v":1}`,
    );
    expect(parseLeaf(bytes)).toEqual(leaf);
    expect(leaf.digest).toBe(sha256Hex(Buffer.concat([salt, utf8("e")])));
  });

  it("have topics that are fixed by what they are about", () => {
    expect(aliasTopic("default", "m", "prod")).toBe(sha256Hex(utf8("alias\0default\0m\0prod")));
    expect(killTopic("all", "")).toBe(sha256Hex(utf8("kill\0all\0")));
  });

  it("of any other form are refused", () => {
    const good = JSON.parse(
      Buffer.from(
        encodeLeaf({
          kind: "a",
          topic: "0".repeat(32),
          by: digest,
          at: "2026-01-01T00:00:00.000Z",
          digest: "0".repeat(64),
        }),
      ).toString(),
    ) as object;
    for (const change of [
      { v: 2 },
      { topic: "xyz" },
      { digest: "" },
      { by: "me" },
      { kind: 1 },
      { at: "yesterday" },
      { at: undefined },
    ])
      expect(() => parseLeaf(utf8(JSON.stringify({ ...good, ...change })))).toThrow();
    for (const text of ["", "[]", "null", "{", "\xff"]) expect(() => parseLeaf(utf8(text))).toThrow();
  });
});
