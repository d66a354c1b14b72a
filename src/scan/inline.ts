import type { ByteSource } from "../core/byte-source.ts";
import type { InlineMark } from "./events.ts";

/** Largest text looked through for marks. */
const textLimit = 16 * 1024 * 1024;
const mark = /castellan:ignore[ \t]+(\S{1,200})(?:[ \t]+until=(\S{1,40}))?(?:[ \t]+(.{1,500}))?/;

/**
 * Inline suppressions of a text, by the line they speak about: `castellan:ignore RULE until=2027-01-01 reason…` in a comment means
 * its own line, or the next one when the comment stands alone.
 * @param comments how comments start in this format ("#", "//")
 */
export function inlineMarks(
  source: ByteSource,
  comments: readonly string[],
): ReadonlyMap<number, readonly InlineMark[]> {
  const marks = new Map<number, InlineMark[]>();
  if (source.size > textLimit) return marks;
  const bytes = Buffer.from(source.read(0, source.size));
  if (!bytes.includes("castellan:ignore")) return marks;
  for (const [index, line] of bytes
    .toString("utf8")
    .split(/\r\n|\n|\r/)
    .entries()) {
    const at = line.indexOf("castellan:ignore");
    if (at < 0) continue;
    const before = line.slice(0, at).trimEnd();
    const opener = comments.find((opener) => before.endsWith(opener));
    const found = mark.exec(line.slice(at));
    if (opener === undefined || !found) continue;
    const alone = before.slice(0, -opener.length).trim() === "";
    const about = alone ? index + 2 : index + 1;
    const [, rule = "", until = "", rest = ""] = found;
    const reason = rest.replace(/\s*(-->|\*\/)\s*$/, "").trim();
    marks.set(about, [...(marks.get(about) ?? []), { line: index + 1, rule, until, reason }]);
  }
  return marks;
}

/** True when a rule as people write it (an id, or a prefix ending in "/" or "/*") means the check `id`. */
export function ruleMeans(rule: string, id: string): boolean {
  const prefix = rule.endsWith("*") ? rule.slice(0, -1) : rule;
  return prefix.endsWith("/") ? id.startsWith(prefix) : id === rule;
}
