import { styleText } from "node:util";

export type Tone = "good" | "bad" | "open" | "soft" | "plain";
export interface TextCell {
  readonly text: string;
  readonly tone?: Tone;
}

const tones = { good: "green", bad: "red", open: "yellow", soft: "gray", plain: "reset" } as const;

/** `text` with a tone's colour, or as it is when colour is off. */
export function tint(text: string, tone: Tone, colour: boolean): string {
  return colour && tone !== "plain" ? styleText(tones[tone], text, { validateStream: false }) : text;
}

/** Terminal text from outside: control and direction-changing characters made visible so that they cannot act. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (mark) => `\\u{${mark.codePointAt(0)!.toString(16)}}`);
}

/** Lines of a table with aligned columns; the last column is never padded. Widths count code points. */
export function textTable(rows: readonly (readonly (string | TextCell)[])[], colour: boolean, indent = ""): string[] {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "string" ? { text: cell } : cell)));
  const widths: number[] = [];
  for (const row of cells)
    for (const [column, { text }] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, Array.from(printable(text)).length);
  return cells.map((row) => {
    const written = row.map(({ text, tone }: TextCell, column) => {
      const shown = printable(text);
      const padding = column === row.length - 1 ? "" : " ".repeat(widths[column]! - Array.from(shown).length);
      return tint(shown, tone ?? "plain", colour) + padding;
    });
    return `${indent}${written.join("  ")}`.trimEnd();
  });
}
