import { escapeHtml } from "./escape.ts";

/** A cell: plain text, or text with one of the page's classes ("pass", "fail", "undecided", "digest"). */
export type HtmlCell = string | { readonly text: string; readonly class: string };

/** An HTML table; every text is escaped. */
export function htmlTable(head: readonly string[], rows: readonly (readonly HtmlCell[])[]): string {
  const cell = (value: HtmlCell): string =>
    typeof value === "string"
      ? `<td>${escapeHtml(value)}</td>`
      : `<td class="${escapeHtml(value.class)}">${escapeHtml(value.text)}</td>`;
  return `<table><thead><tr>${head.map((title) => `<th>${escapeHtml(title)}</th>`).join("")}</tr></thead>
<tbody>${rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n")}</tbody></table>`;
}
