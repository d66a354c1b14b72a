import { existsSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findingOf, nasty, reportOf } from "../testing/scan-report.ts";
import { artifactLocation } from "./result.ts";
import { sarifLog } from "./sarif.ts";

interface Log {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly Rule[] } };
    readonly results: readonly Result[];
    readonly invocations: readonly {
      readonly executionSuccessful: boolean;
      readonly toolExecutionNotifications: readonly object[];
    }[];
    readonly taxonomies?: readonly { readonly taxa: readonly { readonly id: string }[] }[];
  }[];
}
interface Rule {
  readonly id: string;
  readonly properties: { readonly tags: readonly string[]; readonly "security-severity": string };
}
interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: object; readonly region?: object };
    readonly logicalLocations?: object;
  }[];
  readonly partialFingerprints: { readonly [name: string]: string };
  readonly suppressions?: readonly object[];
  readonly baselineState?: string;
  readonly properties: { readonly tags: readonly string[]; readonly cwe?: readonly string[] };
}

const ended = "2026-06-01T10:00:02.000Z";
const log = (report = reportOf()): Log => JSON.parse(JSON.stringify(sarifLog(report, ended))) as Log;
const run = log().runs[0]!;

/** The official schema, where somebody put it: CASTELLAN_SARIF_SCHEMA names its file (OASIS sarif-schema-2.1.0.json). */
const schemaFile = process.env["CASTELLAN_SARIF_SCHEMA"];

describe("SARIF", () => {
  test("is valid against the official schema", () => {
    if (schemaFile === undefined || !existsSync(schemaFile)) {
      return console.log(
        "not run: CASTELLAN_SARIF_SCHEMA does not name the official schema; the tests below hold its rules",
      );
    }
    const schema = JSON.parse(readFileSync(schemaFile, "utf8")) as { $schema?: string; id?: string };
    delete schema.$schema;
    delete schema.id;
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false, unicodeRegExp: false });
    addFormats.default(ajv);
    const valid = ajv.compile(schema);
    for (const report of [
      reportOf(),
      reportOf({ findings: [], suppressed: [], incomplete: [], skipped: [], notes: [] }),
    ]) {
      valid(log(report));
      expect(valid.errors ?? []).toEqual([]);
    }
  });

  test("has what its specification requires of a log, a run, a tool and a result", () => {
    const whole = log();
    expect(whole.version).toBe("2.1.0");
    expect(run.tool.driver.name).toBe("castellan");
    expect(run.results).toHaveLength(6);
    for (const result of run.results) {
      expect(result.message.text.length).toBeGreaterThan(0);
      expect(["error", "warning", "note"]).toContain(result.level);
      expect(run.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(result.locations).toHaveLength(1);
      expect(result.partialFingerprints["castellanFinding/v1"]).toBeTruthy();
    }
    const ids = run.tool.driver.rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("names rules by check ids and weaknesses by tags, in rule and result and taxonomy", () => {
    const [first] = run.results;
    expect(first).toMatchObject({
      ruleId: "supply/model/pickle-executes",
      level: "error",
      properties: { cwe: ["CWE-502"] },
    });
    expect(first!.properties.tags).toEqual(
      expect.arrayContaining(["external/cwe/cwe-502", "CWE-502", "atlas:AML.T0011.000"]),
    );
    expect(run.tool.driver.rules.find(({ id }) => id === first!.ruleId)!.properties["security-severity"]).toBe("9.5");
    expect(run.taxonomies?.[0]?.taxa.map(({ id }) => id)).toEqual(["95", "502"]);
  });

  test("locates text by line, binary by byte, and what lies inside a container at the container", () => {
    const [binary, text, inside, nowhere] = run.results.map(({ locations }) => locations[0]!);
    expect(binary!.physicalLocation).toEqual({
      artifactLocation: { uri: "models/a%20b.pkl", uriBaseId: "SRCROOT" },
      region: { byteOffset: 12, byteLength: 3 },
    });
    expect(text!.physicalLocation.region).toEqual({ startLine: 3, startColumn: 5, endLine: 3, endColumn: 9 });
    expect(inside).toMatchObject({
      physicalLocation: { artifactLocation: { uri: "a.zip" } },
      logicalLocations: [{ fullyQualifiedName: "a.zip!x/y.pkl", name: "x/y.pkl" }],
    });
    expect(nowhere!.physicalLocation.region).toBeUndefined();
  });

  test("keeps what was accepted, with its reason, and what was known before", () => {
    expect(run.results.map(({ suppressions, baselineState }) => [suppressions?.length ?? 0, baselineState])).toEqual([
      [0, "new"],
      [0, "new"],
      [0, "new"],
      [0, "new"],
      [1, "new"],
      [0, "unchanged"],
    ]);
  });

  test("tells what was not examined, and does not call that a success", () => {
    expect(run.invocations[0]).toMatchObject({ executionSuccessful: false });
    expect(run.invocations[0]!.toolExecutionNotifications).toHaveLength(4);
    expect(log(reportOf({ incomplete: [] })).runs[0]!.invocations[0]!.executionSuccessful).toBe(true);
  });

  test("writes any path as a URI", () => {
    expect(artifactLocation("/a/b c")).toEqual({ uri: "file:///a/b%20c" });
    expect(artifactLocation("C:\\a\\b")).toEqual({ uri: "file:///C:/a/b" });
    expect(artifactLocation(".")).toEqual({ uri: ".", uriBaseId: "SRCROOT" });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (path) => {
        const { uri } = artifactLocation(path) as { uri: string };
        expect(uri).toMatch(/^[A-Za-z0-9\-._~!*'()%/:]*$/);
        expect(() => new URL(uri, "file:///root/")).not.toThrow();
      }),
    );
    expect(JSON.stringify(sarifLog(reportOf({ findings: [findingOf({ path: nasty })] }), ended))).not.toContain(
      '<script>alert(1)</script>"',
    );
  });
});
