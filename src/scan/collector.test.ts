import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Finding, Severity } from "../core/finding.ts";
import type { ScanReport } from "../core/scan.ts";
import { parseBaseline, writeBaseline } from "./baseline.ts";
import type { BaselineEntry } from "./baseline.ts";
import { Collector } from "./collector.ts";
import type { InlineMark, RawFinding } from "./events.ts";
import { parseSuppressions } from "./suppression-file.ts";

const today = "2026-06-01";

function raw(path: string, key: string, more: Partial<RawFinding> = {}): RawFinding {
  return {
    id: "room/topic/check",
    severity: "high",
    title: "t",
    path,
    why: key,
    refs: ["cwe:1"],
    fix: "f",
    key,
    ...more,
  };
}

function report(
  findings: readonly RawFinding[],
  sources: { baseline?: readonly BaselineEntry[]; yaml?: string } = {},
): ScanReport {
  const collector = new Collector();
  for (const finding of findings) collector.add({ kind: "finding", finding });
  const rules = sources.yaml === undefined ? [] : parseSuppressions(sources.yaml, "s.yaml");
  return collector.report({
    version: "1",
    startedAt: "2026-06-01T00:00:00Z",
    seconds: 0,
    files: 1,
    bytes: 1,
    suppressions: { rules, baseline: sources.baseline ?? [], today },
  });
}

const prints = (findings: readonly Finding[]): string[] => findings.map(({ fingerprint }) => fingerprint).toSorted();

describe("fingerprints", () => {
  test("stay when files move and lines shift, and are unique within a report", () => {
    const before = report([
      raw("a.pkl", "os.system", { range: { offset: 3 } }),
      raw("b.pkl", "os.system"),
      raw("a.pkl", "eval"),
    ]);
    const after = report([
      raw("x/y.pkl", "os.system", { range: { offset: 99 } }),
      raw("0.pkl", "os.system"),
      raw("b.pkl", "eval"),
    ]);
    expect(prints(after.findings)).toEqual(prints(before.findings));
    expect(new Set(prints(before.findings)).size).toBe(3);
    expect(prints(report([raw("a.pkl", "os.popen")]).findings)).not.toEqual(
      prints(report([raw("a.pkl", "os.system")]).findings),
    );
  });

  test("do not depend on the order in which findings arrive", () => {
    const some = fc.record({ path: fc.constantFrom("a", "b", "c"), key: fc.constantFrom("k", "l"), offset: fc.nat(5) });
    const severities: Severity[] = ["high", "low"];
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (list, order) => {
        const findings = list.map(({ path, key, offset }) =>
          raw(path, key, { range: { offset }, severity: severities[offset % 2]! }),
        );
        const shuffled = findings
          .map((finding) => ({ finding, rank: order.next().value as number }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ finding }) => finding);
        expect(report(shuffled).findings).toEqual(report(findings).findings);
      }),
    );
  });

  test("the same problem at the same place is one finding, the worse of the two", () => {
    const twice = [
      raw("a", "k", { range: { offset: 1 }, severity: "low" }),
      raw("a", "k", { range: { offset: 1 }, severity: "high" }),
    ];
    expect(report(twice).findings.map(({ severity }) => severity)).toEqual(["high"]);
  });
});

describe("a baseline", () => {
  const old = [raw("a.pkl", "os.system"), raw("b.pkl", "eval")];
  const baseline = parseBaseline(writeBaseline(report(old).findings, "1"), "b.json");

  test("holds back what was there before, also after it moved", () => {
    const now = report([raw("moved/a.pkl", "os.system"), raw("b.pkl", "eval"), raw("c.pkl", "exec")], { baseline });
    expect(now.findings.map(({ path }) => path)).toEqual(["c.pkl"]);
    expect(now.summary).toMatchObject({ high: 1, baseline: 2, suppressed: 0 });
  });

  test("does not hold back a second copy of an old problem, and names the new one", () => {
    const now = report([raw("0-new.pkl", "os.system"), raw("a.pkl", "os.system")], { baseline });
    expect(now.findings.map(({ path }) => path)).toEqual(["0-new.pkl"]);
  });

  test("may be the document of an earlier scan", () => {
    const earlier = parseBaseline(JSON.stringify(report(old)), "scan.json");
    expect(report(old, { baseline: earlier }).findings).toEqual([]);
  });

  test.each(["", "{}", "[]", '{"tool":"castellan"}', '{"format":"castellan-baseline-v1","findings":[{"id":1}]}'])(
    "that is none is refused: %s",
    (text) => expect(() => parseBaseline(text, "b.json")).toThrow(/baseline cannot be used/),
  );
});

describe("suppressions in a file", () => {
  const entry = (parts: object): string =>
    JSON.stringify({
      version: 1,
      suppressions: [{ rule: "room/topic/check", path: "old/*.pkl", reason: "seen", expires: "2026-06-01", ...parts }],
    });

  test("hold back until their last day, with reason and place", () => {
    const now = report([raw("old/a.pkl", "k"), raw("new/a.pkl", "k"), raw("old/deep/a.pkl", "k")], { yaml: entry({}) });
    expect(now.findings.map(({ path }) => path)).toEqual(["new/a.pkl", "old/deep/a.pkl"]);
    expect(now.suppressed).toMatchObject([
      { reason: "seen", by: "s.yaml:1", expires: "2026-06-01", finding: { path: "old/a.pkl" } },
    ]);
    expect(now.summary.suppressed).toBe(1);
  });

  test("that expired let the finding come back, and say so", () => {
    const now = report([raw("old/a.pkl", "k")], { yaml: entry({ expires: "2026-05-31" }) });
    expect(now.findings).toHaveLength(1);
    expect(now.notes).toEqual([
      "s.yaml:1: the suppression of room/topic/check expired on 2026-05-31; its findings are back",
    ]);
  });

  test("mean what lies inside a container too, an area, or one fingerprint", () => {
    const inside = [raw("old/a.pkl!x/y", "k")];
    expect(report(inside, { yaml: entry({}) }).findings).toEqual([]);
    expect(report(inside, { yaml: entry({ rule: "room/", path: "**" }) }).findings).toEqual([]);
    expect(report(inside, { yaml: entry({ rule: "room" }) }).findings).toHaveLength(1);
    const { fingerprint } = report(inside).findings[0]!;
    expect(report(inside, { yaml: entry({ fingerprint }) }).findings).toEqual([]);
    expect(report(inside, { yaml: entry({ fingerprint: "other" }) }).findings).toHaveLength(1);
  });

  test.each([
    ["no reason", { reason: "" }, /s\.yaml:1:\d+: suppressions\[0\]\.reason must not be empty/],
    ["a blank reason", { reason: "  " }, /reason says nothing/],
    ["no such day", { expires: "2026-02-30" }, /expires is no date/],
    ["no date", { expires: "soon" }, /expires is no date/],
    ["an unknown key", { until: "x" }, /until is not a known key/],
  ])("with %s are refused", (_, parts, why) => {
    let message = "";
    try {
      parseSuppressions(entry(parts), "s.yaml");
    } catch (error) {
      const { where, message: says } = error as { where?: string; message: string };
      message = `${where}: ${says}`;
    }
    expect(message).toMatch(why);
  });
});

describe("suppressions beside the finding", () => {
  const mark = (parts: Partial<InlineMark>): readonly RawFinding[] => [
    raw("a.py", "k", {
      inline: { line: 4, rule: "room/topic/check", until: "2026-12-31", reason: "test data", ...parts },
    }),
  ];

  test("need a day and a reason, and end with the day", () => {
    expect(report(mark({})).suppressed).toMatchObject([{ by: "a.py:4", reason: "test data", expires: "2026-12-31" }]);
    for (const parts of [{ until: "" }, { until: "never" }, { reason: "" }, { until: "2026-05-31" }]) {
      const now = report(mark(parts));
      expect(now.findings).toHaveLength(1);
      expect(now.notes).toEqual([
        expect.stringMatching(/^a\.py:4: the suppression of room\/topic\/check does not count: /),
      ]);
    }
  });
});

describe("verdicts", () => {
  test("a container answers for what is inside it, suppressed or not", () => {
    const collector = new Collector();
    for (const path of ["a.zip", "a.zip!b.pkl", "a.zip!c.pkl", "d.pkl"])
      collector.add({ kind: "model", file: { path, formats: [] } });
    collector.add({ kind: "finding", finding: raw("a.zip!b.pkl", "k") });
    collector.add({ kind: "incomplete", entry: { path: "a.zip!c.pkl", why: "w" } });
    const rules = parseSuppressions(
      '{"version":1,"suppressions":[{"rule":"room/","path":"**","reason":"r","expires":"2030-01-01"}]}',
      "s",
    );
    const { files, findings } = collector.report({
      version: "1",
      startedAt: "",
      seconds: 0,
      files: 2,
      bytes: 0,
      suppressions: { rules, baseline: [], today },
    });
    expect(findings).toEqual([]);
    expect(files.map(({ path, verdict }) => `${path} ${verdict}`)).toEqual([
      "a.zip unsafe",
      "a.zip!b.pkl unsafe",
      "a.zip!c.pkl incomplete",
      "d.pkl safe",
    ]);
  });
});
