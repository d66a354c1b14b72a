import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isCastellanError } from "../kit/errors.ts";
import { parsePolicy, policyDigest } from "./policy.ts";
import { policyText, signersYaml } from "./testing/world.ts";

/** What parsing says: where, what, and what to do; "" when it is satisfied. */
function complaint(text: string): string {
  try {
    parsePolicy(text, "p.yaml");
    return "";
  } catch (error) {
    if (!isCastellanError(error, "CONFIG", "LIMIT")) throw error;
    return `${error.where}: ${error.message} | ${error.next ?? ""}`;
  }
}

const head = `version: 1\nname: x\n${signersYaml}`;

describe("a policy file", () => {
  test("becomes requirements with everything left out filled in", () => {
    const { aliases, signers } = parsePolicy(
      policyText(
        `- statement: evaluation\n  at: /a\n  op: exists\n- { id: run, statement: training-run, maxAge: 2w, signedBy: [lab] }`,
      ),
      "p.yaml",
    );
    expect(Object.keys(signers)).toEqual(["operator", "trainer", "data-team", "lab", "scanner"]);
    expect(aliases["prod"]?.require).toMatchObject([
      {
        id: "require[0]",
        statement: "evaluation",
        predicateType: "urn:castellan:evaluation:v1",
        of: "self",
        signedBy: ["operator", "trainer", "data-team", "lab", "scanner"],
        condition: { at: "/a", op: "exists" },
      },
      {
        id: "run",
        predicateType: "https://slsa.dev/provenance/v1",
        maxAge: { text: "2w", ms: 1_209_600_000 },
        title: "The version has a training-run statement signed by lab, no older than 2w",
      },
    ]);
  });

  test("may be JSON, and name statements by predicate type", () => {
    const text = JSON.stringify({
      version: 1,
      name: "x",
      signers: { a: { identities: ["ci@example.org"] } },
      aliases: {
        prod: { require: [{ statement: "https://slsa.dev/provenance/v1" }, { statement: "urn:example:x:v2" }] },
      },
    });
    const statements = parsePolicy(text, "p.json").aliases["prod"]?.require.map(({ statement }) => statement);
    expect(statements).toEqual(["training-run", "urn:example:x:v2"]);
  });

  test.each(["starter", "demo", "strict"])("%s, as shipped, is usable and needs proof for prod", (name) => {
    const text = readFileSync(new URL(`../../policies/${name}.yaml`, import.meta.url), "utf8");
    const policy = parsePolicy(text, `${name}.yaml`);
    expect(policy.name).toBe(name);
    const statements = policy.aliases["prod"]?.require.map(({ statement }) => statement);
    expect(statements).toEqual(expect.arrayContaining(["model-signature", "training-run", "data-origin"]));
    expect(policyDigest(text)).toMatch(/^sha256:/);
  });

  test("needs no signers when it requires nothing", () => {
    expect(complaint("version: 1\nname: x\naliases: { prod: { require: [] } }")).toBe("");
  });
});

describe("what is wrong with a policy is said with file, line and column", () => {
  const requiring = (item: string) => `${head}aliases:\n  prod:\n    require:\n      - ${item}\n`;
  const cases: readonly (readonly [name: string, text: string, says: RegExp])[] = [
    [
      "an unknown key",
      requiring("{ statement: evaluation, maxage: 3d }"),
      /^p\.yaml:12:34: aliases\.prod\.require\[0\]\.maxage is not a known key \| Did you mean "maxAge"\?$/,
    ],
    [
      "an unknown key far from any",
      "version: 1\nname: x\nzzz: 1\naliases: {prod: {require: []}}",
      /^p\.yaml:3:1: zzz is not a known key \| Known keys here: version, name/,
    ],
    ["a missing key", "version: 1\nname: x\n", /^p\.yaml:1:1: aliases is missing/],
    [
      "a wrong type",
      "version: 1\nname: x\naliases:\n  prod: [1]",
      /^p\.yaml:4:9: aliases\.prod must be a mapping, but is a list/,
    ],
    [
      "another version",
      "version: 2\nname: x\naliases: {prod: {require: []}}",
      /^p\.yaml:1:10: version must be 1, but is 2/,
    ],
    ["a duplicate key", "version: 1\nname: x\nname: y\n", /^p\.yaml:3:1: key "name" appears twice/],
    [
      "an unusable alias",
      "version: 1\nname: x\naliases: {Prod: {require: []}}",
      /^p\.yaml:3:11: aliases\.Prod is not a usable name \| Names are/,
    ],
    [
      "an unknown statement",
      requiring("{ statement: trainingrun }"),
      /^p\.yaml:12:22: .*\.statement "trainingrun" is not a known statement \| Did you mean "training-run"\?/,
    ],
    [
      "an unknown signer",
      requiring("{ statement: evaluation, signedBy: [lap] }"),
      /^p\.yaml:12:45: .*signedBy\[0\] names "lap", which is not among .* Did you mean "lab"\?/,
    ],
    [
      "an unknown operator",
      requiring(`{ statement: evaluation, at: /x, op: "=<", value: 1 }`),
      /^p\.yaml:12:46: .*\.op is "=<", which is none of/,
    ],
    [
      "an operator YAML swallows",
      requiring("statement: evaluation\n        at: /x\n        op: >=\n        value: 1"),
      /^p\.yaml:14:14: .*quotes: op: ">="/,
    ],
    [
      "an operator YAML takes for a tag",
      requiring("{ statement: evaluation, at: /x, op: !=, value: 1 }"),
      /^p\.yaml:12:46: tags .*put it in quotes/,
    ],
    [
      "an unknown duration",
      requiring("{ statement: evaluation, maxAge: 3 days }"),
      /^p\.yaml:12:42: .*"3 days" is not a duration/,
    ],
    [
      "a duplicate id",
      requiring("{ id: a, statement: evaluation }\n      - { id: a, statement: model-scan }"),
      /^p\.yaml:13:15: .*repeats the id of require\[0\]/,
    ],
    ["a field without operator", requiring("{ statement: evaluation, at: /x }"), /no "op"/],
    ["an operator without field", requiring("{ statement: evaluation, op: exists }"), /without saying which field/],
    ["an operator without value", requiring(`{ statement: evaluation, at: /x, op: "==" }`), /names no value/],
    [
      "a value with exists",
      requiring("{ statement: evaluation, at: /x, op: exists, value: 1 }"),
      /no meaning with exists/,
    ],
    [
      "an ordered comparison with text",
      requiring(`{ statement: evaluation, at: /x, op: ">", value: "1" }`),
      /must be a number for ">"/,
    ],
    [
      "a list operator without list",
      requiring("{ statement: evaluation, at: /x, op: in, value: 1 }"),
      /must be a list/,
    ],
    [
      "a field that is no pointer",
      requiring("{ statement: evaluation, at: x.y, op: exists }"),
      /"x\.y" is not a JSON Pointer/,
    ],
    [
      "matchesInputs where it means nothing",
      requiring("{ statement: evaluation, matchesInputs: true }"),
      /^p\.yaml:12:34: .*matchesInputs applies to training-run only/,
    ],
    [
      "findings where they mean nothing",
      requiring("{ statement: evaluation, findings: { blockAt: high } }"),
      /findings applies to model-scan and project-scan only/,
    ],
    [
      "sources where they mean nothing",
      requiring("{ statement: evaluation, sources: [a] }"),
      /sources applies to data-origin only/,
    ],
    [
      "an unknown severity",
      requiring("{ statement: model-scan, findings: { blockAt: hihg } }"),
      /Did you mean "high"\?/,
    ],
    [
      "a wildcard in the middle",
      requiring("{ statement: data-origin, sources: ['https://*.org/x'] }"),
      /only once, at the end/,
    ],
    [
      "a wildcard without a slash",
      requiring("{ statement: data-origin, sources: ['https://example.org*'] }"),
      /only once, at the end/,
    ],
    [
      "a key that is none",
      "version: 1\nname: x\nsigners: {a: {keys: ['../x']}}\naliases: {prod: {require: []}}",
      /^p\.yaml:3:22: .*neither a key id/,
    ],
    [
      "a private key",
      "version: 1\nname: x\nsigners: {a: {keys: ['-----BEGIN PRIVATE KEY-----']}}\naliases: {prod: {require: []}}",
      /neither a key id/,
    ],
  ];
  test.each(cases)("%s", (_, text, says) => {
    expect(complaint(text)).toMatch(says);
  });

  test("several mistakes are told together, in the order of the file", () => {
    const text = complaint(
      requiring("{ statement: evaluation, signedBy: [lap], maxAge: 1x }\n      - { statement: evalution }"),
    );
    expect(text).toMatch(/^p\.yaml:12:45: .*\n {2}p\.yaml:12:59: .*\n {2}p\.yaml:13:22: /);
  });
});

describe("a policy that can never pass is refused with the reason", () => {
  const cases: readonly (readonly [name: string, require: string, says: RegExp])[] = [
    [
      "bounds that exclude each other",
      `- { statement: evaluation, at: /x, op: ">=", value: 0.9 }\n- { statement: evaluation, at: /x, op: "<=", value: 0.1 }`,
      /^p\.yaml:13:9: .*require\[1\] can never pass together with the requirement at p\.yaml:12:9: >= 0\.9 and <= 0\.1 exclude each other/,
    ],
    [
      "bounds that touch but are strict",
      `- { statement: evaluation, at: /x, op: ">", value: 1 }\n- { statement: evaluation, at: /x, op: "<=", value: 1 }`,
      /exclude each other/,
    ],
    [
      "two values at once",
      `- { statement: evaluation, at: /x, op: "==", value: 1 }\n- { statement: evaluation, at: /x, op: "==", value: 2 }`,
      /exclude each other/,
    ],
    [
      "a value and its opposite",
      `- { statement: evaluation, at: /x, op: "==", value: 1 }\n- { statement: evaluation, at: /x, op: "!=", value: 1 }`,
      /exclude each other/,
    ],
    [
      "a list outside the bounds",
      `- { statement: evaluation, at: /x, op: in, value: [1, 2] }\n- { statement: evaluation, at: /x, op: ">", value: 2 }`,
      /exclude each other/,
    ],
    [
      "one point that is excluded",
      `- { statement: evaluation, at: /x, op: ">=", value: 1 }\n- { statement: evaluation, at: /x, op: "<=", value: 1 }\n- { statement: evaluation, at: /x, op: not-in, value: [1] }`,
      /exclude each other/,
    ],
    [
      "sources without overlap",
      "- { statement: data-origin, of: datasets, sources: [a] }\n- { statement: data-origin, of: datasets, sources: [b] }",
      /exclude each other/,
    ],
    [
      "licences without overlap",
      "- { statement: data-origin, of: datasets, licences: [MIT] }\n- { statement: data-origin, of: datasets, licences: [ISC] }",
      /exclude each other/,
    ],
    ["no signer", "- { statement: evaluation, signedBy: [] }", /signedBy must not be empty/],
    ["age nothing", "- { statement: evaluation, maxAge: 0d }", /nothing is ever younger than 0/],
    ["no region", "- { statement: data-origin, regions: [] }", /regions must not be empty/],
    ["no source", "- { statement: data-origin, sources: [] }", /sources must not be empty/],
    ["in nothing", "- { statement: evaluation, at: /x, op: in, value: [] }", /nothing is in an empty list/],
    ["a revocation", "- { statement: revocation }", /can never pass: a revoked version/],
    ["an erasure of an ancestor", "- { statement: erasure, of: datasets }", /can never pass: an erased version/],
    ["a kill switch", "- { statement: kill-switch }", /can never pass/],
    [
      "a field the statement cannot have",
      "- { statement: data-origin, at: /lisence, op: exists }",
      /can never pass: a data-origin statement has no field \/lisence \| Did you mean "\/licence"\?/,
    ],
    [
      "a value the field cannot have",
      `- { statement: gate-verdict, at: /outcome, op: "==", value: passed }`,
      /can never pass: \/outcome is "passed", which is none of/,
    ],
  ];
  test.each(cases)("%s", (_, require, says) => {
    expect(complaint(policyText(require).replace("name: test", "name: x"))).toMatch(says);
  });

  test("no signers at all, though something must be signed", () => {
    const text = "version: 1\nname: x\naliases: {prod: {require: [{statement: evaluation}]}}";
    expect(complaint(text)).toMatch(/names no signer whose statements could count/);
  });

  test("a signer without keys", () => {
    expect(complaint("version: 1\nname: x\nsigners: {a: {note: hi}}\naliases: {prod: {require: []}}")).toMatch(
      /neither keys nor identities/,
    );
  });

  test("no licence allowed for a whole alias", () => {
    expect(complaint("version: 1\nname: x\naliases: {prod: {require: [], licences: []}}")).toMatch(
      /licences must not be empty/,
    );
  });

  test("but conditions that different statements can meet are left alone", () => {
    const lab = `- { statement: evaluation, signedBy: [lab], at: /x, op: ">=", value: 0.9 }`;
    expect(
      complaint(policyText(`${lab}\n- { statement: evaluation, signedBy: [trainer], at: /x, op: "<", value: 0.9 }`)),
    ).toBe("");
    expect(
      complaint(policyText(`${lab}\n- { statement: evaluation, signedBy: [lab], at: /y, op: "<", value: 0.9 }`)),
    ).toBe("");
    expect(
      complaint(
        policyText(`${lab}\n- { statement: evaluation, signedBy: [lab], of: models, at: /x, op: "<", value: 0.9 }`),
      ),
    ).toBe("");
    expect(
      complaint(
        policyText("- { statement: data-origin, sources: [a] }\n- { statement: data-origin, sources: ['b/*'] }"),
      ),
    ).toBe("");
  });
});
