import type { Concern } from "../model-config/concern.ts";
import { concernList } from "../model-config/concern.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { operatorStanding, ownWords } from "./known.ts";
import type { SourceToken } from "./source-tokens.ts";
import { sourceTokens } from "./source-tokens.ts";

/** - "reach": an operator that touches files, machines or Python. - "foreign": an operator PyTorch does not bring along. */
export type TorchscriptRule = "reach" | "foreign";

/** What a source file of a TorchScript archive calls. */
export interface TorchscriptSource {
  readonly concerns: readonly Concern<TorchscriptRule>[];
  readonly gaps: readonly Gap[];
}

const mostGaps = 20;

/**
 * Finds every operator the source names, whether called as `torch.x`, `ops.space.x` or on a value. TorchScript has no other way out:
 * it cannot import, and knows no names but these, the archive's own (`__torch__`) and those of its language.
 */
export function examineTorchscript(text: string, meter: Meter): TorchscriptSource {
  const { concerns, add } = concernList<TorchscriptRule>();
  const gaps: Gap[] = [];
  const defined = new Set<string>();
  const unresolved: SourceToken[] = [];
  const operator = (space: string, name: string, { text: written, offset }: SourceToken, exact: boolean): void => {
    const found = operatorStanding(space, name);
    const key = `${space}::${name}`.slice(0, 200);
    if (found.standing === "reaches") {
      const severity = exact || space === "aten" ? "high" : "medium";
      add({
        rule: "reach",
        severity,
        why: `The model's code calls ${key}, an operator that ${found.how}.`,
        offset,
        key,
        evidence: written.slice(0, 200),
      });
    } else if (found.standing === "foreign") {
      const why = `The model's code calls ${key}, an operator that PyTorch itself does not have: a library has to be loaded for it.`;
      add({ rule: "foreign", severity: "medium", why, offset, key });
      if (gaps.length < mostGaps) gaps.push({ why: `what the operator ${key} does is not known`, offset });
    }
  };
  let before: SourceToken | undefined;
  let last: SourceToken | undefined;
  let count = 0;
  const settle = (token: SourceToken | undefined, next: SourceToken | undefined): void => {
    if (token?.kind !== "name") return;
    const [first = "", ...rest] = token.text.split(".");
    const called = next?.kind === "mark" && next.text === "(";
    if (!token.member && first === "torch" && rest.length > 0) {
      operator("aten", rest.at(-1)!, token, true);
    } else if (!token.member && first === "ops" && rest.length > 0) {
      operator(rest[0]!, rest.slice(1).join(".") || "?", token, true);
    } else if (!token.member && rest.length === 0 && (first === "torch" || first === "ops") && next?.text !== ":") {
      gaps.push({ why: `the name ${first} is used as a value`, offset: token.offset });
    } else if (!token.member && first === "getattr") {
      gaps.push({ why: "the code looks an attribute up by a text", offset: token.offset });
    } else if (!token.member && rest.length === 0 && (!called || before?.text === "def" || before?.text === "class")) {
      // Parameters, fields and variables; a variable may hold a function, which is judged where it is named.
      defined.add(first);
    } else if (called && (token.member || rest.length > 0) && first !== "__torch__") {
      // On a tensor, an unknown method is the operator of that name.
      const name = (token.member ? [first, ...rest] : rest).at(-1)!;
      if (operatorStanding("aten", name).standing === "reaches") operator("aten", name, token, false);
    } else if (called && rest.length === 0 && !ownWords.has(first)) unresolved.push(token);
  };
  for (const token of sourceTokens(text)) {
    if (++count % 1000 === 0) meter.tick();
    settle(last, token);
    if (token.kind === "unclosed") gaps.push({ why: "a text in the code has no end", offset: token.offset });
    before = last;
    last = token;
  }
  settle(last, undefined);
  for (const { text: name, offset } of unresolved) {
    if (!defined.has(name) && gaps.length < mostGaps)
      gaps.push({ why: `the code calls ${name.slice(0, 100)}, a name it does not define`, offset });
  }
  return { concerns, gaps };
}
