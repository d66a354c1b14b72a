import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import { encodeStatement, makeStatement, parseStatement } from "./in-toto.ts";

const subject = { name: "m", digest: { sha256: "aa" } };
const valid = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [subject],
  predicateType: "urn:x:y:v1",
  predicate: { a: 1 },
};
const parse = (change: object) => parseStatement(JSON.stringify({ ...valid, ...change }));

test("a statement comes back as it was made, from canonical bytes", () => {
  const text = fc.string({ unit: "grapheme" });
  const hex = fc.stringMatching(/^[0-9a-f]{2,64}$/);
  const subjects = fc.array(fc.record({ name: text, digest: fc.record({ sha256: hex, sha512: hex }) }), {
    minLength: 1,
  });
  const predicate = fc.dictionary(
    text.filter((key) => key !== "__proto__"),
    fc.jsonValue({ maxDepth: 3 }),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^urn:[a-z]+:[a-z]+:v1$/), predicate, subjects, (type, body, about) => {
      const made = makeStatement(type, body, about);
      const bytes = encodeStatement(made);
      const again = parseStatement(bytes);
      expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(JSON.stringify(made)));
      expect(encodeStatement(again)).toEqual(bytes);
    }),
  );
});

test("bytes do not depend on the order members were written in", () => {
  const one = makeStatement("urn:a:b:v1", { a: 1, b: [2] }, [subject]);
  const two = makeStatement("urn:a:b:v1", { b: [2], a: 1 }, [{ digest: { sha256: "aa" }, name: "m" }]);
  expect(encodeStatement(one)).toEqual(encodeStatement(two));
  expect(Buffer.from(encodeStatement(one)).toString()).toBe(
    '{"_type":"https://in-toto.io/Statement/v1","predicate":{"a":1,"b":[2]},"predicateType":"urn:a:b:v1",' +
      '"subject":[{"digest":{"sha256":"aa"},"name":"m"}]}',
  );
});

test("unknown members are passed over, an absent predicate is empty, an absent name too", () => {
  expect(parse({ more: 1 })).toEqual(valid);
  expect(parse({ predicate: undefined }).predicate).toEqual({});
  expect(parse({ subject: [{ digest: subject.digest, annotations: {} }] }).subject[0]!.name).toBe("");
});

describe("a statement is refused", () => {
  test.each([
    ["of another version", { _type: "https://in-toto.io/Statement/v0.1" }, "UNSUPPORTED"],
    ["without type", { _type: undefined }, "MALFORMED"],
    ["without subjects", { subject: [] }, "MALFORMED"],
    ["with a subject that has no digest", { subject: [{ name: "m", digest: {} }] }, "MALFORMED"],
    ["with an empty digest", { subject: [{ name: "m", digest: { sha256: "" } }] }, "MALFORMED"],
    ["with a numeric digest", { subject: [{ name: "m", digest: { sha256: 1 } }] }, "MALFORMED"],
    ["with a numeric name", { subject: [{ name: 1, digest: { sha256: "aa" } }] }, "MALFORMED"],
    ["with an empty predicate type", { predicateType: "" }, "MALFORMED"],
  ])("%s", (_, change, code) => {
    expect(() => parse(change)).toThrow(expect.objectContaining({ code }));
  });

  test("that is not JSON, or about nothing when made", () => {
    expect(() => parseStatement(utf8("nope"))).toThrow(/not valid JSON/);
    expect(() => makeStatement("urn:a:b:v1", {}, [])).toThrow(/at least one subject/);
  });
});
