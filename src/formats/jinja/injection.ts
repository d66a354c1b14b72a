import type { Concern } from "./concern.ts";

/** Marks that templates look for in contents to tell reasoning, tool traffic and media apart. */
const structuralMark =
  /think|reason|tool|function|image|video|audio|media|sys|inst|observation|file|document|context|<\/?[a-z_]{1,12}>/i;
/** Names of fields: `'image' in item` asks what a part of a message is, not what it says. */
const fieldName =
  /^(?:image|image_url|video|video_url|audio|audio_url|input_audio|text|type|url|content|role|name|file|document|tool_calls?|function|arguments|parameters|properties|items|enum|description|required|default|title|path|data|mime_type|thinking|reasoning|reasoning_content)$/;
const leastWords = 4;

/** How many different words there are: two letters or more, outside of markup such as `<|im_start|>` and `[INST]`. */
export function wordsIn(text: string): number {
  const plain = text
    .replace(/<[|｜/]?[^<>\s]{1,60}>/g, " ")
    .replace(/\[\/?[A-Z_]{2,40}\]/g, " ")
    .replace(/\{"[^{}]*\}/g, " ");
  const words = new Set([...plain.matchAll(/\p{L}[\p{L}\p{M}\p{N}_'’-]+/gu)].map(([word]) => word.toLowerCase()));
  // Scripts without spaces write several words in one run of letters.
  const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
  return [...words].reduce((sum, word) => sum + (unspaced.test(word) ? Math.ceil(word.length / 2) : 1), 0);
}

/** True when the two have a word in common: then one rewords the other. */
export function shareWord(a: string, b: string): boolean {
  const words = new Set(a.toLowerCase().match(/\p{L}{2,}/gu));
  return (b.toLowerCase().match(/\p{L}{2,}/gu) ?? []).some((word) => words.has(word));
}

/** True for what a person could write in passing: words, not marks of a protocol. */
export function isOrdinary(literal: string): boolean {
  return /\p{L}/u.test(literal) && /^[\p{L}\p{M}\p{N}\s'’.,!?:;-]+$/u.test(literal);
}

/**
 * What it means that `literals` are put into the prompt depending on `triggers` having been said; undefined when that is how
 * ordinary templates tell the parts of a message apart.
 */
export function judgeInjection(
  triggers: readonly string[],
  literals: readonly string[],
  at: number,
): Concern | undefined {
  const text = literals.join(" ").trim();
  if (wordsIn(text) < leastWords) return undefined;
  const ordinary = triggers.filter((trigger) => isOrdinary(trigger) && !fieldName.test(trigger.trim()));
  const odd = triggers.filter(
    (trigger) => !isOrdinary(trigger) && /\p{L}/u.test(trigger) && !structuralMark.test(trigger),
  );
  const trigger = ordinary[0] ?? odd[0];
  if (trigger === undefined) return undefined;
  return {
    kind: "injects",
    severity: ordinary.length > 0 ? "high" : "medium",
    why: `The template adds instructions of its own depending on whether ${trigger === dateTrigger ? "the date" : `"${shorten(trigger, 80)}"`} ${trigger === dateTrigger ? "has come" : "was said"}: "${shorten(text, 300)}".`,
    at,
    evidence: shorten(text, 1000),
    key: `injects:${trigger.slice(0, 80)}`,
  };
}

/** Stands for a comparison with the current date. */
export const dateTrigger = "the current date";

function shorten(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
