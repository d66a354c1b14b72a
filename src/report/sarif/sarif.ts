import type { Finding } from "../../core/finding.ts";
import type { ScanReport } from "../../core/scan.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { cweOf } from "./cwe.ts";
import { resultOf } from "./result.ts";
import { ruleOf } from "./rule.ts";
import { notificationsOf } from "./notifications.ts";

/**
 * The report as a SARIF 2.1.0 log (OASIS Standard 27 March 2020) with one run. Rule ids are check ids; suppressed findings are in
 * it with their justification; what was incomplete or skipped are notifications of the invocation.
 */
export function sarifLog(report: ScanReport, endedAt: string): { readonly [key: string]: Json } {
  const all: readonly Finding[] = [...report.findings, ...report.suppressed.map(({ finding }) => finding)];
  const rules = [...new Map(all.map((finding) => [finding.id, finding])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  const places = new Map(rules.map(({ id }, index) => [id, index]));
  const cwes = [...new Set(all.flatMap(({ refs }) => cweOf(refs)))].sort((a, b) => Number(a) - Number(b));
  const compared = report.summary.baseline > 0;
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: report.tool,
            semanticVersion: report.version,
            rules: rules.map(ruleOf),
            ...(cwes.length > 0 ? { supportedTaxonomies: [{ name: "CWE", index: 0 }] } : {}),
          },
        },
        automationDetails: { id: "castellan/scan/" },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: report.incomplete.length === 0,
            startTimeUtc: report.startedAt,
            endTimeUtc: endedAt,
            toolExecutionNotifications: notificationsOf(report),
          },
        ],
        originalUriBaseIds: { SRCROOT: { description: { text: "The folder the scan was started in." } } },
        ...(cwes.length > 0 ? { taxonomies: [cweTaxonomy(cwes)] } : {}),
        results: [
          ...report.findings.map((finding) => resultOf(finding, places, compared ? "new" : undefined)),
          ...report.suppressed.map(({ finding, reason, by }) =>
            by === "baseline"
              ? resultOf(finding, places, "unchanged")
              : {
                  ...resultOf(finding, places, compared ? "new" : undefined),
                  suppressions: [
                    {
                      kind: by.startsWith(finding.path) ? "inSource" : "external",
                      status: "accepted",
                      justification: reason,
                    },
                  ],
                },
          ),
        ],
      },
    ],
  };
}

function cweTaxonomy(ids: readonly string[]): Json {
  return {
    name: "CWE",
    organization: "MITRE",
    shortDescription: { text: "Common Weakness Enumeration" },
    informationUri: "https://cwe.mitre.org/",
    taxa: ids.map((id) => ({ id, helpUri: `https://cwe.mitre.org/data/definitions/${id}.html` })),
  };
}
