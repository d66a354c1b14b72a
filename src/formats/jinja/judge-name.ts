import type { Concern } from "./concern.ts";
import { internalAttributes } from "./names.ts";
import type { Value } from "./values.ts";

const internals =
  /^\s*__(?:bases?|bool|builtins?|call|class|class_getitem|closure|code|context|defaults?|del|delattr|dict|dir|doc|enter|exit|file|func|get|getattr|getattribute|getitem|getstate|globals?|import|init|init_subclass|instancecheck|iter|kwdefaults|loader|main|module|mro|mro_entries|name|new|next|path|qualname|reduce|reduce_ex|repr|self|set|setattr|setstate|slots|spec|str|subclasscheck|subclasses|subclasshook|traceback|wrapped)__\s*$/;

/** True for text that is the name of one of Python's internal attributes. */
export function namesInternals(text: string): boolean {
  return internals.test(text);
}

/**
 * What it means that a template names this attribute: nothing for ordinary names; names with leading underscores, and those of
 * frames and code objects, are how templates climb from any value to Python's own functions (Jinja's sandbox refuses the same ones).
 */
export function judgeName(name: string, at: number): Concern | undefined {
  if (name.startsWith("__")) {
    if (!/^__\w+$/.test(name)) return undefined;
    return {
      kind: "reaches",
      severity: "critical",
      why: `The template reaches for "${name.slice(0, 60)}", one of Python's internal attributes, from which any function can be called.`,
      at,
      evidence: name.slice(0, 200),
      key: `reaches:${name.slice(0, 60)}`,
    };
  }
  if (!/^_\w*[A-Za-z]/.test(name) && !internalAttributes.has(name)) return undefined;
  return {
    kind: "reaches",
    severity: "high",
    why: `The template reaches for "${name.slice(0, 60)}", an attribute that Jinja's sandbox keeps from templates.`,
    at,
    evidence: name.slice(0, 200),
    key: `reaches:${name.slice(0, 60)}`,
  };
}

/** The same for the dotted path that filters such as `map(attribute=…)` take. */
export function judgeAttributePath(path: Value | undefined, at: number): Concern | undefined {
  if (!path) return undefined;
  for (const known of path.known) {
    if (typeof known !== "string") continue;
    for (const name of known.split(/[.,]/)) {
      const concern = judgeName(name, at);
      if (concern) return concern;
    }
  }
  if (path.nature === "constant" || path.nature === "number") return undefined;
  return {
    kind: "reaches",
    severity: "high",
    why: "The template lets a filter look up attributes whose names cannot be known before it runs.",
    at,
    key: "reaches:attribute-path",
  };
}
