import type { StateRule } from "./catalogue.ts";
import type { Handle } from "./handle.ts";
import { isConstant, madeAt } from "./handle.ts";
import type { Judgement } from "./judgement.ts";
import { harmless } from "./judgement.ts";
import type { Machine } from "./machine.ts";

const names = String.raw`(?:[A-Za-z_]\w*, )*`;
const taken = String.raw`loc=[\w.+-]+(?:, scale=[\w.+-]+)?`;
const given = String.raw`loc, (?:scale|1)`;

/** What scipy.stats writes as `_parse_arg_template`: three functions that sort arguments, with the names of the shapes. */
const distributionTemplate = new RegExp(
  [
    "^",
    `def _parse_args\\(self, ${names} ${taken}\\):`,
    `    return \\(${names}\\), ${given}`,
    "",
    `def _parse_args_rvs\\(self, ${names} ${taken}, size=None\\):`,
    `    return self\\._argcheck_rvs\\(${names} ${given}, size=size\\)`,
    "",
    `def _parse_args_stats\\(self, ${names} ${taken}, moments='mv'\\):`,
    `    return \\(${names}\\), ${given}, moments`,
    "$",
  ].join("\n"),
);

/**
 * Formulas that patsy takes apart without calling anything but its own transformations: variables, numbers and operators. Every
 * term of a formula is evaluated as Python code.
 */
const plainFormula =
  /^(?:\s|[\w~+\-*:|,]|\d\.\d|(?:\b(?:C|I|Q|center|scale|standardize|np\.(?:log|log1p|log10|exp|sqrt|abs))\()|(?<!\w)\(|\))*$/;

/** Judges the state a BUILD gives an instance whose class does more with it than keep it. */
export function judgeState(
  rule: StateRule,
  machine: Machine,
  state: Handle,
  callable: string,
  nested: (value: Handle) => Judgement,
): Judgement {
  const bad = (why: string): Judgement => ({
    effect: "execution",
    severity: "critical",
    why: `${callable} runs ${why}`,
  });
  switch (rule) {
    // rv_generic.__setstate__ passes `_parse_arg_template` of the restored attributes to exec().
    case "rv-template": {
      const pairs = machine.kind(state) === "dict" ? machine.dicts.get(state) : undefined;
      if (pairs === undefined) return bad("text in its state as Python code, and the state cannot be made out");
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        const name = isConstant(pairs[i]!) ? machine.constants.text(madeAt(pairs[i]!)) : undefined;
        if (name === undefined) return bad("text in its state as Python code, and the state cannot be made out");
        if (name !== "_parse_arg_template") continue;
        const text = isConstant(pairs[i + 1]!) ? machine.constants.text(madeAt(pairs[i + 1]!)) : undefined;
        if (text === undefined || !distributionTemplate.test(text)) {
          return bad("the text in its state as Python code, and it is not what scipy writes");
        }
      }
      return harmless("the code in the state is what scipy itself writes");
    }
    // statsmodels restores a model made from a formula by having patsy evaluate the formula again.
    case "patsy-formula": {
      const pairs = machine.kind(state) === "dict" ? machine.dicts.get(state) : undefined;
      if (pairs === undefined) return bad("a formula in its state as Python code, and the state cannot be made out");
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        const name = isConstant(pairs[i]!) ? machine.constants.text(madeAt(pairs[i]!)) : undefined;
        if (name === undefined) return bad("a formula in its state as Python code, and the state cannot be made out");
        if (name !== "formula") continue;
        const value = pairs[i + 1]!;
        if (machine.kind(value) === "none") continue;
        const text = isConstant(value) ? machine.constants.text(madeAt(value)) : undefined;
        if (text === undefined || !plainFormula.test(text)) {
          return bad("the formula in its state as Python code, and it is more than variables and operators");
        }
      }
      return harmless("the formula in the state consists of variables and operators");
    }
    // skorch keeps its tensors as a PyTorch file in an attribute, which __setstate__ gives to torch.load.
    case "skorch-tensors": {
      const pairs = machine.kind(state) === "dict" ? machine.dicts.get(state) : undefined;
      const why = "loads a PyTorch file from its state, and the state cannot be made out";
      if (pairs === undefined) return { effect: "nested-load", severity: "high", why: `${callable} ${why}` };
      let found = harmless("restores attributes");
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        const name = isConstant(pairs[i]!) ? machine.constants.text(madeAt(pairs[i]!)) : undefined;
        if (name === undefined) return { effect: "nested-load", severity: "high", why: `${callable} ${why}` };
        if (name === "__cuda_dependent_attributes__") found = nested(pairs[i + 1]!);
        if (found.severity !== "none") return found;
      }
      return found;
    }
    default:
      return bad("its state");
  }
}
