import type { Finding } from "../../core/finding.ts";
import { severities } from "../../core/finding.ts";
import type { ScanReport } from "../../core/scan.ts";
import { escapeHtml } from "../html/escape.ts";
import { htmlPage } from "../html/page.ts";
import { htmlTable } from "../html/table.ts";
import { placeOf, summaryLine } from "../findings-text/phrases.ts";
import { addressOf } from "../sarif/cwe.ts";

/** Rows of a table; more are counted. */
const rowLimit = 5000;

const style = `
.filters{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;margin:0 0 1rem;padding:.75rem 1rem;background:var(--tint);border:1px solid var(--line)}
.filters label{white-space:nowrap}article{border:1px solid var(--line);border-left-width:4px;padding:.75rem 1rem;margin:0 0 .75rem;break-inside:avoid}
article h3{font-size:1rem;margin:0}article p{margin:.35rem 0}article pre{margin:.35rem 0;padding:.5rem;background:var(--tint);overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.4 ui-monospace,monospace}
.critical,.high{border-left-color:var(--bad)}.medium{border-left-color:var(--open)}.low,.info{border-left-color:var(--line)}
b.critical,b.high{color:var(--bad)}b.medium{color:var(--open)}b.low,b.info{color:var(--soft)}.meta{color:var(--soft);font-size:.85rem}
${severities.map((severity) => `body:has(#show-${severity}:not(:checked)) article.${severity}{display:none}`).join("\n")}`;

/** The report as one self-contained page: no script, no request to anywhere; severities and areas can be hidden. */
export function findingsPage(report: ScanReport): string {
  const areas = [...new Set(report.findings.map(areaOf))].sort();
  const areaStyle = areas.map((_, index) => `body:has(#area-${index}:not(:checked)) article.in-${index}{display:none}`);
  const body = [
    verdicts(report),
    `<h2>Findings</h2>`,
    report.findings.length === 0 ? "<p>None.</p>" : filters(report, areas),
    ...report.findings.slice(0, rowLimit).map((finding) => article(finding, areas.indexOf(areaOf(finding)))),
    more(report.findings.length),
    section(
      "Not examined completely",
      ["File", "Why", "What to do"],
      report.incomplete,
      ({ path, why, offset, next }) => [
        { text: offset === undefined ? path : `${path} at byte ${offset}`, class: "digest" },
        why,
        next ?? "",
      ],
    ),
    section(
      "Accepted",
      ["Check", "File", "Reason", "By", "Until"],
      report.suppressed,
      ({ finding, reason, by, expires }) => [
        finding.id,
        { text: finding.path, class: "digest" },
        reason,
        by,
        expires ?? "",
      ],
    ),
    section("Left out", ["File", "Why"], report.skipped, ({ path, why }) => [{ text: path, class: "digest" }, why]),
    section("Notes", ["Note"], report.notes, (note) => [note]),
  ];
  return htmlPage({
    title: "Castellan scan",
    lead: summaryLine(report),
    body: body.filter(Boolean).join("\n"),
    footer: `castellan ${report.version}, started ${report.startedAt}`,
    style: style + areaStyle.join("\n"),
  });
}

function verdicts(report: ScanReport): string {
  const classes = { safe: "pass", unsafe: "fail", incomplete: "undecided" } as const;
  return section("Model files", ["File", "Verdict", "Content"], report.files, ({ path, verdict, formats }) => [
    { text: path, class: "digest" },
    { text: verdict, class: classes[verdict] },
    formats.join(", ") || "not recognised",
  ]);
}

function filters(report: ScanReport, areas: readonly string[]): string {
  const box = (id: string, label: string): string =>
    `<label><input type="checkbox" id="${escapeHtml(id)}" checked> ${escapeHtml(label)}</label>`;
  const bySeverity = severities
    .filter((severity) => report.summary[severity] > 0)
    .map((severity) => box(`show-${severity}`, `${severity} (${report.summary[severity]})`));
  const byArea = areas.length < 2 ? [] : areas.map((area, index) => box(`area-${index}`, area));
  return `<div class="filters">${[...bySeverity, ...byArea].join("")}</div>`;
}

function article(finding: Finding, area: number): string {
  const { id, severity, title, why, evidence, fix, refs, fingerprint } = finding;
  return `<article class="${escapeHtml(severity)} in-${area}">
<h3><b class="${escapeHtml(severity)}">${escapeHtml(severity)}</b> ${escapeHtml(title)}</h3>
<p class="digest">${escapeHtml(placeOf(finding))}</p>
<p>${escapeHtml(why)}</p>${evidence === undefined ? "" : `\n<pre>${escapeHtml(evidence)}</pre>`}
<p>${escapeHtml(fix)}</p>
<p class="meta">${escapeHtml(id)} · ${refs.map(reference).join(" · ")} · <span class="digest">${escapeHtml(fingerprint)}</span></p>
</article>`;
}

function reference(ref: string): string {
  const address = addressOf(ref);
  if (address === undefined) return escapeHtml(ref);
  return `<a href="${escapeHtml(address)}" rel="noreferrer">${escapeHtml(ref)}</a>`;
}

type Cells = Parameters<typeof htmlTable>[1][number];

function section<T>(title: string, head: readonly string[], items: readonly T[], row: (item: T) => Cells): string {
  if (items.length === 0) return "";
  const table = htmlTable(head, items.slice(0, rowLimit).map(row));
  const open = items.length <= 50 ? " open" : "";
  return `<h2>${escapeHtml(title)} (${items.length})</h2>\n<details${open}><summary>${items.length} shown below</summary>${table}${more(items.length)}</details>`;
}

function more(count: number): string {
  return count > rowLimit ? `<p>${count - rowLimit} more are in the JSON document.</p>` : "";
}

/** "supply/model" of "supply/model/pickle-executes". */
function areaOf({ id }: Finding): string {
  return id.slice(0, Math.max(0, id.lastIndexOf("/"))) || id;
}
