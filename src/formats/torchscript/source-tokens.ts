/** A piece of TorchScript source that matters here. `text` of a "name" may be dotted; of a "string" it is what the quotes hold. */
export interface SourceToken {
  readonly kind: "name" | "string" | "mark" | "unclosed";
  readonly text: string;
  readonly offset: number;
  /** A "." stands before the name: it is looked up on a value. */
  readonly member: boolean;
}

const pattern =
  /(?<space>[ \t\r\n\\]+|#[^\n]*)|(?<quote>"""|'''|"|')|(?<number>(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][-+]?\d+)?[jJ]?)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<mark>[^])/uy;

/** Where the string that `quote` opened before `from` ends, behind its closing quote; undefined when it has no end. */
function stringEnd(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "\n" && quote.length === 1) return undefined;
    else if (text.startsWith(quote, at)) return at + quote.length;
  }
  return undefined;
}

/**
 * Tokens of TorchScript's Python-like source: names (with what is looked up on them), strings and marks. `offset` counts characters.
 * Space and comments may stand inside of a dotted name, as in Python.
 */
export function* sourceTokens(text: string): Generator<SourceToken, void, void> {
  const scanner = new RegExp(pattern);
  let pending: { text: string; offset: number; member: boolean } | undefined;
  let dot = false;
  for (let match = scanner.exec(text); match; match = scanner.exec(text)) {
    const { space, quote, name, number } = match.groups!;
    const offset = match.index;
    if (space !== undefined) continue;
    if (name !== undefined) {
      if (dot && pending) pending.text += `.${name}`;
      else {
        if (pending) yield { kind: "name", ...pending };
        pending = { text: name, offset, member: dot };
      }
      dot = false;
      continue;
    }
    if (match[0] === "." && !dot) {
      dot = true;
      continue;
    }
    if (pending) yield { kind: "name", ...pending };
    pending = undefined;
    dot = false;
    if (quote !== undefined) {
      const start = offset + quote.length;
      const end = stringEnd(text, start, quote);
      if (end === undefined) {
        // No reader takes the rest: the text is not TorchScript.
        yield { kind: "unclosed", text: quote, offset, member: false };
        return;
      }
      yield { kind: "string", text: text.slice(start, end - quote.length), offset, member: false };
      scanner.lastIndex = end;
    } else if (number === undefined) yield { kind: "mark", text: match[0], offset, member: false };
  }
  if (pending) yield { kind: "name", ...pending };
}
