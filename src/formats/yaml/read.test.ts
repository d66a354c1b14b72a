import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { isCastellanError } from "../../kit/errors.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { loadYaml } from "./load.ts";
import { readConfig } from "./read.ts";

const schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string", minLength: 1, maxLength: 10 },
    port: { type: "integer", minimum: 0, maximum: 65_535 },
    tags: { type: "array", items: { type: "string" }, uniqueItems: true, maxItems: 3 },
    limits: { type: "object", additionalProperties: { type: "number", exclusiveMinimum: 0 } },
    either: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
    anything: {},
  },
} as const satisfies JsonSchema;

function complaint(text: string): string {
  try {
    readConfig(schema, text, "c.yaml");
    return "";
  } catch (error) {
    if (!isCastellanError(error, "CONFIG", "LIMIT")) throw error;
    return `${error.code} ${error.where}: ${error.message} | ${error.next ?? ""}`;
  }
}

describe("a configuration file", () => {
  test("is read with the types its schema says", () => {
    const { value } = readConfig(
      schema,
      "name: x # note\nport: 0x50\ntags: [a, 'b']\nanything: {a: [null, 1.5, yes]}\n",
      "c.yaml",
    );
    expect(value).toEqual({ name: "x", port: 80, tags: ["a", "b"], anything: { a: [null, 1.5, "yes"] } });
    expectTypeOf(value.name).toEqualTypeOf<string>();
    expectTypeOf(value.port).toEqualTypeOf<number | undefined>();
    expectTypeOf(value.either).toEqualTypeOf<string | string[] | undefined>();
  });

  test("may be JSON, indented with tabs, with a byte order mark and Windows line ends", () => {
    expect(readConfig(schema, '\ufeff{\r\n\t"name": "x",\r\n\t"tags": [\r\n\t\t"a"]\r\n}\r\n', "c.json").value).toEqual(
      { name: "x", tags: ["a"] },
    );
  });

  test("keeps members called like built-ins as plain members", () => {
    const { value } = loadYaml('{"__proto__": {"polluted": 1}, "constructor": 2}', "c.json");
    expect(Object.keys(value as object)).toEqual(["__proto__", "constructor"]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test.each([
    ["an unknown key", "name: x\nprot: 1", /^CONFIG c\.yaml:2:1: prot is not a known key \| Did you mean "port"\?/],
    [
      "an unknown key called like a built-in",
      "name: x\nconstructor: 1",
      /^CONFIG c\.yaml:2:1: constructor is not a known key/,
    ],
    ["a missing key", "port: 1", /^CONFIG c\.yaml:1:1: name is missing/],
    ["nothing at all", "", /^CONFIG c\.yaml:1:1: the file must be a mapping, but is empty/],
    ["a list", "- 1", /^CONFIG c\.yaml:1:1: the file must be a mapping, but is a list/],
    [
      "text for a number",
      "name: x\nport: '80'",
      /^CONFIG c\.yaml:2:7: port must be a whole number, but is the text "80"/,
    ],
    ["a fraction for a whole number", "name: x\nport: 1.5", /must be a whole number, but is 1\.5/],
    ["a number too large", "name: x\nport: 70000", /port is 70000, above 65535/],
    ["a number too small", "name: x\nlimits: {a: 0}", /^CONFIG c\.yaml:2:13: limits\.a is 0, but must be above 0/],
    ["nothing where text is needed", "name:", /name must be text, but is empty/],
    ["empty text", 'name: ""', /must not be empty/],
    ["long text", "name: abcdefghijkl", /at most 10 characters, but has 12/],
    ["an item repeated", "name: x\ntags: [a, a]", /^CONFIG c\.yaml:2:11: tags\[1\] repeats "a"/],
    ["too many items", "name: x\ntags: [a, b, c, d]", /at most 3 items, but has 4/],
    ["none of several types", "name: x\neither: 1", /must be text or a list, but is 1/],
    ["a wrong item of one of several types", "name: x\neither: [1]", /either\[0\] must be text, but is 1/],
    [
      "a position behind characters outside the basic plane",
      "name: x\nlimits: {'😀': 0}",
      /^CONFIG c\.yaml:2:15: limits\["😀"\]/,
    ],
    ["a duplicate key", "name: x\n'name': y", /^CONFIG c\.yaml:2:1: key "name" appears twice/],
    [
      "a duplicate key spelt with escapes",
      '{"name": "x", "n\\u0061me": "y"}',
      /^CONFIG c\.yaml:1:15: key "name" appears twice/,
    ],
    ["an anchor", "name: &a x", /^CONFIG c\.yaml:1:7: anchors and aliases \("&a"\) are not allowed/],
    ["an alias", "name: *a", /anchors and aliases/],
    ["a merge key", "name: x\n<<: {port: 1}", /<<.* is not a known key/],
    ["a tag", "name: !!binary aGk=", /^CONFIG c\.yaml:1:7: tags \("!!binary"\) are not allowed/],
    ["a directive", "%YAML 1.1\n---\nname: x", /directives are not allowed/],
    ["two documents", "name: x\n---\nname: y", /^CONFIG c\.yaml:2:1: not valid YAML/],
    ["a key that is no text", "1: x", /a key must be text \| Put the key in quotes/],
    ["a key that is a list", "? [a]\n: 1", /a key must be text/],
    ["infinity", "name: x\nport: .inf", /infinity/],
    ["a number JSON cannot hold", "name: x\nport: 12345678901234567890", /too large to be kept exactly/],
    ["an open bracket", "name: [x", /^CONFIG c\.yaml:1:9: not valid YAML/],
    ["a tab as indentation", "limits:\n\ta: 1", /^CONFIG c\.yaml:2:1: not valid YAML/],
    ["more text than anybody writes", `name: ${"x".repeat(300_000)}`, /^LIMIT c\.yaml: the file is larger/],
    ["brackets without end", "[".repeat(100_000), /^CONFIG c\.yaml:1:33: values are nested more than 32 deep/],
    ["block nesting without end", "- ".repeat(20_000), /^CONFIG c\.yaml/],
    ["tokens without end", "- a\n".repeat(40_000), /more than 60000 tokens/],
  ])("with %s is refused", (_, text, says) => {
    expect(complaint(text)).toMatch(says);
  });

  test("tells all its mistakes at once, in the order of the text", () => {
    expect(complaint("port: x\nnmae: y\ntags: 1")).toMatch(
      /^CONFIG c\.yaml:1:1: name is missing\n {2}c\.yaml:1:7: port .*\n {2}c\.yaml:2:1: nmae .*\n {2}c\.yaml:3:7: tags/,
    );
  });

  test("shows at most a line of what it complains about", () => {
    const text = complaint(`name: x\n${"k".repeat(5000)}: 1\nport: "${"v".repeat(5000)}"`);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(400);
  });
});

describe("whatever bytes arrive", () => {
  const snippets = fc.constantFrom(
    "name: x\n",
    "port: ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    "&a",
    "*a",
    "!t ",
    "|\n",
    ">-\n",
    "%YAML",
    "\t",
    "  ",
    "\n",
    "---\n",
    "...\n",
    "#",
    ": ",
    "? ",
    ",",
    "<<",
    "\u0000",
    "\u0085",
    "\ufeff",
    "\ud800",
    "null",
    ".nan",
    "0o7",
    "__proto__",
    "\\x",
    "\u0002",
    "\u0018",
    "\u001f",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(snippets, { maxLength: 40 }).map((parts) => parts.join("")),
  );

  test("reading ends in a value or in CONFIG with a place in the text, never in anything else", () => {
    fc.assert(
      fc.property(texts, (text) => {
        try {
          readConfig(schema, text, "c.yaml");
        } catch (error) {
          if (!isCastellanError(error, "CONFIG")) throw error;
          expect(error.where).toMatch(/^c\.yaml(:\d+:\d+)?$/);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("JSON is read as JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value, null, 1);
        const again: unknown = JSON.parse(text);
        fc.pre(!/\b(\d{17,}|\d+e\+?\d+)\b/.test(text));
        expect(loadYaml(text, "c.json").value).toEqual(again);
      }),
      { numRuns: 1000 },
    );
  });
});
