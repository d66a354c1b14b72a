import type { Concern } from "./concern.ts";

/**
 * Characters that show nothing and that no template needs: tag characters, zero-width spaces and joiners between Latin letters,
 * direction overrides, fillers, and the private and variation-selector blocks used to smuggle text.
 */
const ranges = [
  [0xe0000, 0xe007f], // tag characters
  [0xe0100, 0xe01ef], // variation selectors supplement
  [0x202a, 0x202e], // direction embeddings and overrides
  [0x2066, 0x2069], // direction isolates
  [0x2060, 0x2064], // word joiner, invisible operators
  [0x200b, 0x200b], // zero-width space
  [0x00ad, 0x00ad], // soft hyphen
  [0x115f, 0x1160], // Hangul fillers
  [0x3164, 0x3164],
  [0xffa0, 0xffa0],
] as const;
const escaped = (code: number): string => `\\u{${code.toString(16)}}`;
const always = ranges.map(([from, to]) => `[${escaped(from)}-${escaped(to)}]`).join("|");
// Joiners are part of emoji and of many scripts; between plain Latin letters they have no purpose.
const invisible = new RegExp(`${always}|(?<=[\\x21-\\x7e])[\\u200c\\u200d\\ufeff](?=[\\x21-\\x7e])`, "gu");

/** Says where a template hides text from the people who review it. */
export function hiddenText(text: string): readonly Concern[] {
  const found = [...text.matchAll(invisible)];
  const first = found[0];
  if (!first) return [];
  const codes = [
    ...new Set(found.map(([letter]) => `U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`)),
  ];
  const smuggled = found
    .map(([letter]) => letter.codePointAt(0)!)
    .filter((code) => code >= 0xe0020 && code <= 0xe007e)
    .map((code) => String.fromCharCode(code - 0xe0000))
    .join("");
  return [
    {
      kind: "hides",
      severity:
        smuggled.length > 0 || found.some(([letter]) => /[\u202a-\u202e\u2066-\u2069]/.test(letter))
          ? "high"
          : "medium",
      why: `The template contains ${found.length} characters that nobody can see (${codes.slice(0, 8).join(", ")})${smuggled ? `; the tag characters spell "${smuggled.slice(0, 200)}"` : ""}.`,
      at: first.index,
      key: "hides",
    },
  ];
}
