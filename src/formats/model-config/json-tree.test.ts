import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { unmetered } from "../reading/meter.ts";
import type { JsonNode } from "./json-node.ts";
import { briefly, everyNode, textsOf } from "./json-node.ts";
import { parseJson } from "./json-tree.ts";

const parse = (text: string | Uint8Array) => parseJson(bytesSource(Buffer.from(text as string)), unmetered);

/** The plain value of a tree without repeated keys. */
function plain(node: JsonNode): unknown {
  if (node.kind === "object") return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)]));
  if (node.kind === "array") return node.items.map(plain);
  return node.kind === "string" ? node.text : (JSON.parse(node.text) as unknown);
}

test("what JSON.parse reads is read alike", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(plain(parse(JSON.stringify(value)).root)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("text that is no JSON is refused, as JSON.parse refuses it, but for the words Python adds", () => {
  const pieces = fc.array(
    fc.constantFrom("{", "}", "[", "]", ":", ",", '"a"', "1", "-", "true", " ", "\n", '"', "\\", "01", "1.e2"),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join("");
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      let read = true;
      try {
        parse(text);
      } catch (error) {
        if (!isCastellanError(error, "MALFORMED")) throw error;
        read = false;
      }
      expect(read, text).toBe(valid);
    }),
    { numRuns: 2000 },
  );
  expect(briefly(parse('{"a": [NaN, Infinity, -Infinity]}').root)).toBe('{"a": [NaN, Infinity, -Infinity]}');
});

test("repeated keys are all kept and reported", () => {
  const { root, flaws } = parse('{"a": "x", "\\u0061": "y"}');
  expect(textsOf(root, "a")).toEqual(["x", "y"]);
  expect(flaws).toMatchObject([{ rule: "duplicate-key", offset: 11 }]);
});

test("every encoding Python detects is read", () => {
  const text = '{"class_name": "é😀"}';
  const big = Buffer.from(text, "utf16le").swap16();
  const wide = Buffer.concat(
    Array.from(text, (character) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(character.codePointAt(0)!);
      return bytes;
    }),
  );
  const marked = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
  for (const bytes of [Buffer.from(`\ufeff${text}`), Buffer.from(text, "utf16le"), big, wide, marked]) {
    expect(textsOf(parse(bytes).root, "class_name")).toEqual(["é😀"]);
  }
  expect(parse(big).flaws).toMatchObject([{ rule: "encoding" }]);
});

test("long lists of numbers are counted, nesting is bounded", () => {
  const { root } = parse(`[${"1,".repeat(100_000)}2]`);
  expect(root.kind === "array" && [root.count, root.items.length]).toEqual([100_001, 64]);
  expect([...everyNode(root)]).toHaveLength(65);
  expect(() => parse("[".repeat(2000))).toThrow(/nested/);
});
