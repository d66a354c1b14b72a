import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, type Json } from "./canonical-json.ts";

test("the example of RFC 8785 section 3.2 is written as the RFC prints it", () => {
  const example = {
    numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\u002f",
    literals: [null, true, false],
  };
  expect(canonicalJson(example)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test("members are sorted by UTF-16 code units, as RFC 8785 section 3.2.3 shows", () => {
  const members = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
  expect(Object.values(JSON.parse(canonicalJson(members)))).toHaveLength(7);
  expect(canonicalJson(members)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

test("the same value has one text whatever the order of its members, and reads back equal", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
      let text: string;
      try {
        text = canonicalJson(value);
      } catch {
        return; // lone surrogates are refused
      }
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
    }),
  );
});

test("numbers that JSON cannot carry, half surrogate pairs and endless nesting are refused", () => {
  expect(() => canonicalJson(Number.NaN)).toThrow(/cannot be written/);
  expect(() => canonicalJson("\ud800")).toThrow(/surrogate/);
  let deep: Json = 1;
  for (let i = 0; i < 300; i++) deep = [deep];
  expect(() => canonicalJson(deep)).toThrow(/deeply/);
});

test("members without a value are left out", () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
});
