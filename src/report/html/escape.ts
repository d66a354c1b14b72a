const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** `text` safe inside HTML and SVG text and quoted attributes. Control characters become visible, never markup. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (mark) => entities[mark]!)
    .replace(/[\p{Cc}\p{Cf}]/gu, (mark) =>
      mark === "\n" || mark === "\t" ? mark : `\\u{${mark.codePointAt(0)!.toString(16)}}`,
    );
}
