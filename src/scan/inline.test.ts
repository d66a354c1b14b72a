import { describe, expect, test } from "vitest";
import { bytesSource } from "../core/byte-source.ts";
import { utf8 } from "../kit/bytes.ts";
import { inlineMarks, ruleMeans } from "./inline.ts";

const marks = (text: string, comments = ["#", "//"]) =>
  Object.fromEntries(inlineMarks(bytesSource(utf8(text)), comments));

describe("inline suppressions", () => {
  test("mean their own line, or the next one when they stand alone", () => {
    expect(marks("x = 1  # castellan:ignore a/b/c until=2027-01-01 because of tests\n")).toEqual({
      1: [{ line: 1, rule: "a/b/c", until: "2027-01-01", reason: "because of tests" }],
    });
    expect(marks("\n  // castellan:ignore a/b/ until=2027-01-01 why\nx")).toEqual({
      3: [{ line: 2, rule: "a/b/", until: "2027-01-01", reason: "why" }],
    });
  });

  test("count only in comments", () => {
    expect(marks('x = "castellan:ignore a/b/c until=2027-01-01 no"')).toEqual({});
    expect(marks("<!-- castellan:ignore r until=2027-01-01 html -->\ny", ["<!--"])).toEqual({
      2: [{ line: 1, rule: "r", until: "2027-01-01", reason: "html" }],
    });
  });

  test("keep what they lack, so that it can be said", () => {
    expect(marks("x # castellan:ignore r")[1]).toEqual([{ line: 1, rule: "r", until: "", reason: "" }]);
    expect(marks("x # castellan:ignore r because")[1]).toEqual([{ line: 1, rule: "r", until: "", reason: "because" }]);
  });

  test("name a check, or all of an area", () => {
    expect(ruleMeans("a/b/c", "a/b/c")).toBe(true);
    expect(ruleMeans("a/b", "a/b/c")).toBe(false);
    expect(ruleMeans("a/b/", "a/b/c")).toBe(true);
    expect(ruleMeans("a/b/*", "a/b/c")).toBe(true);
    expect(ruleMeans("*", "a/b/c")).toBe(false);
  });
});
