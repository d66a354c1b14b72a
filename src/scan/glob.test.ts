import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { globMatches, nameMatches } from "./glob.ts";

describe("shell patterns", () => {
  test.each([
    ["*.pkl", "a.pkl", true],
    ["*.pkl", "a/b.pkl", false],
    ["**/*.pkl", "a/b/c.pkl", true],
    ["**/*.pkl", "c.pkl", true],
    ["a/**", "a/b/c", true],
    ["a/**/b", "a/b", true],
    ["a/**/b", "a/x/y/b", true],
    ["a/**/b", "a/x/y/c", false],
    ["**", "anything/at/all", true],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["[]a]x", "]x", true],
    ["[a", "[a", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["", "", true],
    ["", "a", false],
  ])("%j on %j: %s", (pattern, path, matches) => expect(globMatches(pattern, path)).toBe(matches));

  test("agree with the regular expression they stand for", () => {
    const names = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    fc.assert(
      fc.property(names, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 }), (pattern, name) => {
        const meaning = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(nameMatches(pattern, name)).toBe(meaning.test(name));
      }),
      { numRuns: 2000 },
    );
  });

  test("take no longer for a pattern made to be slow", () => {
    expect(nameMatches(`${"*a".repeat(2000)}b`, "a".repeat(4000))).toBe(false);
    expect(globMatches(`${"**/a/".repeat(200)}b`, "a/".repeat(2000))).toBe(false);
  });
});
