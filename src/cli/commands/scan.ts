import type { Json } from "../../kit/canonical-json.ts";
import { exitCodes } from "../../kit/errors.ts";
import type { ExitCode } from "../../kit/errors.ts";
import { reaches } from "../../core/finding.ts";
import type { Severity } from "../../core/finding.ts";
import type { ScanReport } from "../../core/scan.ts";
import { checkPrefixes, explainCheck } from "../../app/scan/explain-check.ts";
import { scanPaths } from "../../app/scan/run-scan.ts";
import { readBaseline, readSuppressions, writeReport } from "../../app/scan/scan-files.ts";
import { writeBaseline } from "../../scan/baseline.ts";
import { findingsText } from "../../report/findings-text/findings-text.ts";
import { command } from "../command.ts";
import type { Invocation } from "../command.ts";
import { parseLimits, parseThreshold, splitList, thresholds } from "../scan-arguments.ts";
import { textOption } from "../options.ts";

export default command({
  name: "scan",
  summary: "examine models, files and projects for what is wrong with them; runs nothing of what it finds",
  details: [
    "Files are recognised by content, archives are opened, nothing is executed or loaded. Every model file is called safe,",
    "unsafe or incomplete; what could not be examined is never called clean.",
    "",
    "  castellan scan model.pt",
    "  castellan scan ./models --sarif out.sarif --html out.html",
    "  castellan scan . --baseline castellan.baseline.json --fail-on medium",
    "  castellan scan --explain supply/model/extension-mismatch",
    "",
    "Exit code 0: clean, 1: findings at or above --fail-on, 3: something could not be examined, 2: wrong usage.",
    "",
    "Left out on purpose: what .castellanignore names, and what git ignores unless it is named like a model (--no-ignore takes",
    "both in). Accepted findings stand in castellan.suppressions.yaml (rule, path, reason, expires) or in a comment beside them:",
    "  castellan:ignore RULE until=2027-01-01 reason",
  ].join("\n"),
  args: ["[path...]"],
  options: [
    { flags: "--only <ids>", help: "run only checks whose id starts with one of these (comma-separated)" },
    { flags: "--fail-on <severity>", help: "severity that makes the exit code 1 (default high)", choices: thresholds },
    { flags: "--sarif <file>", help: "write SARIF 2.1.0" },
    { flags: "--junit <file>", help: "write JUnit XML" },
    { flags: "--html <file>", help: "write one self-contained page" },
    { flags: "--baseline <file>", help: "report only what is not in it; written when it does not exist" },
    { flags: "--update-baseline", help: "write what was found to --baseline and accept it" },
    { flags: "--suppressions <file>", help: "accepted findings (default castellan.suppressions.yaml here)" },
    { flags: "--offline", help: "use no network" },
    { flags: "--no-ignore", help: "examine ignored files too" },
    { flags: "--limit <bounds>", help: "raise or lower bounds: nesting=12,entries=100000" },
    { flags: "--workers <n>", help: "worker threads (default one per processor)" },
    { flags: "--verbose", help: "list everything that was left out, safe or accepted" },
    { flags: "--explain <id>", help: "what a check looks for, and what to do about it" },
  ],
  async run(call) {
    const explain = textOption(call, "explain");
    return explain === undefined ? scan(call) : explained(call, explain);
  },
});

async function scan(call: Invocation): Promise<ExitCode> {
  const { cwd } = call;
  const only = splitList(textOption(call, "only"));
  checkPrefixes(only);
  const threshold = parseThreshold(textOption(call, "failOn"));
  const limits = parseLimits(textOption(call, "limit"));
  const workers = Number.parseInt(textOption(call, "workers") ?? "", 10);
  const baselineFile = textOption(call, "baseline");
  const known = baselineFile === undefined ? undefined : readBaseline(cwd, baselineFile);
  const rewrite = call.options["updateBaseline"] === true;
  const report = await scanPaths(call.args.length === 0 ? ["."] : call.args, {
    cwd,
    only,
    limits,
    offline: call.options["offline"] === true,
    ignore: call.options["ignore"] !== false,
    rules: await readSuppressions(cwd, textOption(call, "suppressions")),
    baseline: rewrite ? [] : (known ?? []),
    signal: call.signal,
    progress: call.progress,
    ...(Number.isInteger(workers) && workers >= 0 ? { workers } : {}),
  });
  await writeReports(call, report, threshold);
  for (const line of findingsText(report, { colour: call.colour, verbose: call.options["verbose"] === true }))
    call.print(line);
  if (baselineFile !== undefined && (rewrite || !known)) {
    writeReport(cwd, baselineFile, writeBaseline(report.findings, report.version));
    call.note(`wrote ${baselineFile} with ${report.findings.length} findings; from now on only new ones count`);
  }
  call.emit(report as unknown as Json);
  const blocking = report.findings.some(({ severity }) => reaches(severity, threshold));
  if (blocking && !rewrite) return exitCodes.refused;
  return report.incomplete.length > 0 ? exitCodes.undecided : exitCodes.clean;
}

/** Writers are loaded when they are asked for: a scan's first finding does not wait for them. */
async function writeReports(call: Invocation, report: ScanReport, threshold: Severity): Promise<void> {
  const write = (option: string, text: string): void => writeReport(call.cwd, textOption(call, option)!, text);
  if (textOption(call, "sarif") !== undefined) {
    const { sarifLog } = await import("../../report/sarif/sarif.ts");
    write("sarif", `${JSON.stringify(sarifLog(report, new Date().toISOString()), null, 2)}\n`);
  }
  if (textOption(call, "junit") !== undefined) {
    const { junitXml } = await import("../../report/junit/junit.ts");
    write("junit", junitXml(report, threshold));
  }
  if (textOption(call, "html") !== undefined) {
    const { findingsPage } = await import("../../report/findings-html/findings-page.ts");
    write("html", findingsPage(report));
  }
}

async function explained(call: Invocation, id: string): Promise<ExitCode> {
  const { asks, title, severity, refs, fix, details, needs } = await explainCheck(id);
  call.print(`${id} (${severity})`);
  call.print(title);
  if (details !== undefined) call.print(`\n${details}`);
  call.print(`\nWhat to do: ${fix}`);
  call.print(`Looks at:   ${asks}`);
  if (needs?.length) call.print(`Needs:      ${needs.join(", ")}`);
  call.print(`References: ${refs.join(", ")}`);
  call.emit({ id, asks, title, severity, refs: [...refs], fix, details: details ?? null, needs: [...(needs ?? [])] });
  return exitCodes.clean;
}
