import type { Finding } from "../../core/finding.ts";
import type { ScanReport } from "../../core/scan.ts";

/** What every writer must survive: markup, terminal control, direction marks, XML's and JSON's own characters, half a pair. */
export const nasty = "<script>alert(1)</script>\u001b[2J\u202e&\"'`]]>\u0000\ud800 ü😀\n\tnext";

/** A finding; `parts` replaces what matters to a test. */
export function findingOf(parts: Partial<Finding> = {}): Finding {
  return {
    id: "supply/model/pickle-executes",
    severity: "critical",
    title: "Loading this pickle runs code",
    path: "models/a b.pkl",
    range: { offset: 12, length: 3 },
    why: "calls os.system",
    evidence: "os.system('x')",
    refs: ["cwe:502", "atlas:AML.T0011.000", "https://example.org/why"],
    fix: "Use safetensors.",
    fingerprint: "0123456789abcdef0123456789abcdef",
    ...parts,
  };
}

/** A report with one of everything. */
export function reportOf(parts: Partial<ScanReport> = {}): ScanReport {
  const findings = parts.findings ?? [
    findingOf(),
    findingOf({
      id: "supply/code/eval",
      severity: "medium",
      path: "src/é.py",
      range: { startLine: 3, startColumn: 5, endLine: 3, endColumn: 9 },
      refs: ["cwe:95"],
      fingerprint: "2",
    }),
    findingOf({ severity: "low", path: "a.zip!x/y.pkl", fingerprint: "3" }),
    findingOf({
      id: nasty,
      title: nasty,
      path: nasty,
      why: nasty,
      evidence: nasty,
      fix: nasty,
      refs: [nasty],
      severity: "info",
      fingerprint: nasty,
      range: {},
    }),
  ];
  const count = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
  return {
    tool: "castellan",
    version: "1.2.3",
    startedAt: "2026-06-01T10:00:00.000Z",
    summary: {
      critical: count("critical"),
      high: count("high"),
      medium: count("medium"),
      low: count("low"),
      info: count("info"),
      models: 3,
      safe: 1,
      unsafe: 1,
      incomplete: 1,
      files: 9,
      bytes: 12_345,
      skipped: 2,
      suppressed: 1,
      baseline: 1,
      seconds: 1.5,
    },
    findings,
    files: [
      { path: "models/a b.pkl", verdict: "unsafe", formats: ["Python pickle"] },
      { path: nasty, verdict: "incomplete", formats: [] },
      { path: "ok.safetensors", verdict: "safe", formats: ["safetensors"] },
    ],
    skipped: [
      { path: "notes.md", why: "text that no check asks for" },
      { path: "", why: nasty },
    ],
    incomplete: [{ path: nasty, why: nasty, offset: 7, next: nasty }],
    suppressed: [
      {
        finding: findingOf({ path: "old.pkl", fingerprint: "5" }),
        reason: nasty,
        by: "castellan.suppressions.yaml:4",
        expires: "2027-01-01",
      },
      { finding: findingOf({ path: "older.pkl", fingerprint: "6" }), reason: "was there", by: "baseline" },
    ],
    notes: [nasty],
    ...parts,
  };
}
