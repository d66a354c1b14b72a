import type { Finding, Severity } from "../../core/finding.ts";
import { reaches } from "../../core/finding.ts";
import type { ScanReport } from "../../core/scan.ts";

/**
 * The report as JUnit XML, the form build servers read: a suite per file, a test case per finding; a finding that reaches the
 * threshold is a failure, what could not be examined is an error, what was accepted is skipped, a clean model file passes.
 */
export function junitXml(report: ScanReport, threshold: Severity): string {
  const suites = new Map<string, string[]>();
  const add = (path: string, xml: string): void => {
    const suite = suites.get(path);
    if (suite) suite.push(xml);
    else suites.set(path, [xml]);
  };
  let failures = 0;
  for (const finding of report.findings) {
    const fails = reaches(finding.severity, threshold);
    if (fails) failures++;
    add(finding.path, testCase(finding, fails ? failure(finding) : element("system-out", {}, detailsOf(finding))));
  }
  for (const { path, why, next } of report.incomplete) {
    const body = element("error", { message: why, type: "incomplete" }, next ?? why);
    add(path, element("testcase", { classname: path || "scan", name: "examined completely" }, undefined, body));
  }
  for (const { finding, reason, by, expires } of report.suppressed) {
    const message = `${reason} (${by}${expires === undefined ? "" : `, until ${expires}`})`;
    add(finding.path, testCase(finding, element("skipped", { message })));
  }
  for (const { path, verdict, formats } of report.files) {
    if (verdict === "safe" && !suites.has(path)) {
      add(path, element("testcase", { classname: path, name: `safe: ${formats.join(", ")}` }));
    }
  }
  const tests = [...suites.values()].reduce((sum, cases) => sum + cases.length, 0);
  const body = [...suites].map(([path, cases]) => {
    const count = (tag: string): number => cases.filter((xml) => xml.includes(`<${tag} `)).length;
    const counts = {
      tests: cases.length,
      failures: count("failure"),
      errors: count("error"),
      skipped: count("skipped"),
    };
    return element(
      "testsuite",
      { name: path || "scan", ...counts, timestamp: report.startedAt.slice(0, 19) },
      undefined,
      cases.join("\n"),
    );
  });
  const total = { tests, failures, errors: report.incomplete.length, skipped: report.suppressed.length };
  const root = element(
    "testsuites",
    { name: "castellan scan", ...total, time: report.summary.seconds },
    undefined,
    body.join("\n"),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function testCase(finding: Finding, body: string): string {
  return element(
    "testcase",
    { classname: finding.path, name: `${finding.id} ${finding.fingerprint}` },
    undefined,
    body,
  );
}

function failure(finding: Finding): string {
  return element(
    "failure",
    { message: `${finding.title}: ${finding.why}`, type: finding.severity },
    detailsOf(finding),
  );
}

function detailsOf({ severity, id, path, range, why, evidence, fix, refs }: Finding): string {
  const place = range?.startLine ?? range?.offset;
  return [
    `${severity}: ${id}`,
    place === undefined ? path : `${path}:${place}`,
    why,
    ...(evidence === undefined ? [] : [evidence]),
    `Fix: ${fix}`,
    refs.join(" "),
  ].join("\n");
}

function element(
  tag: string,
  attributes: { readonly [name: string]: string | number },
  text?: string,
  children?: string,
): string {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`);
  if (text === undefined && children === undefined) return `<${tag}${written.join("")} />`;
  return `<${tag}${written.join("")} >${text === undefined ? "" : escapeXml(text)}${children === undefined ? "" : `\n${children}\n`}</${tag}>`;
}

/** Text safe in XML 1.0 content and attributes: characters XML cannot hold at all become visible. */
function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
    "\t": "&#9;",
  };
  return text
    .toWellFormed()
    .replace(/[&<>"\n\t]/g, (mark) => entities[mark]!)
    .replace(/[\p{Cc}\p{Cf}\ufffe\uffff]/gu, (mark) => `\\u{${mark.codePointAt(0)!.toString(16)}}`);
}
