import { escapeHtml } from "./escape.ts";

const style = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d5dae1;--paper:#fff;--tint:#f4f6f9;--good:#1a7f4b;--bad:#b42318;--open:#9a6700;--accent:#2456a6}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa5b4;--line:#333c49;--paper:#14181f;--tint:#1c222b;--good:#4cc38a;--bad:#ff8077;--open:#e3b341;--accent:#7aa7f0}}
*{box-sizing:border-box}body{margin:0 auto;max-width:72rem;padding:2rem 1.5rem 4rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}p.lead{color:var(--soft);margin:0 0 1.5rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600}
td{overflow-wrap:anywhere;min-width:4.5rem}td.digest{min-width:15rem}code,.digest{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}.pass{color:var(--good)}.fail{color:var(--bad)}.undecided{color:var(--open)}
figure{margin:0;overflow-x:auto;border:1px solid var(--line);background:var(--tint);padding:1rem}footer{margin-top:3rem;color:var(--soft);font-size:.85rem}
@media print{body{max-width:none;padding:0}figure{break-inside:avoid}}`;

/**
 * A self-contained page: no script, no request to anywhere (a content security policy says so to the browser too).
 * @param parts.body trusted markup; everything that came from outside must have gone through {@link escapeHtml}
 */
export function htmlPage(parts: {
  title: string;
  lead: string;
  body: string;
  footer: string;
  /** More style rules; trusted. */
  style?: string;
}): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none';style-src 'unsafe-inline';img-src data:">
<title>${escapeHtml(parts.title)}</title><style>${style}${parts.style ?? ""}</style></head>
<body><h1>${escapeHtml(parts.title)}</h1><p class="lead">${escapeHtml(parts.lead)}</p>
${parts.body}
<footer>${escapeHtml(parts.footer)}</footer></body></html>
`;
}
