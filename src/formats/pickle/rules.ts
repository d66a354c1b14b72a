import type { CatalogueEntry } from "./catalogue.ts";
import type { Handle } from "./handle.ts";
import type { Judgement, Manner } from "./judgement.ts";
import { harmless, unknown } from "./judgement.ts";

/** What a rule may ask about the values of a call. */
export interface RuleContext {
  /** The arguments, when they are still known. */
  readonly args: readonly Handle[] | undefined;
  /** Text of a string constant. */
  text(value: Handle): string | undefined;
  isGlobal(value: Handle): boolean;
  /** True for values that are, or hold, something whose call is not known to be harmless. */
  isConcern(value: Handle): boolean;
  /** A global's name and entry. */
  nameOf(value: Handle): { readonly module: string; readonly entry: CatalogueEntry | undefined } | undefined;
  find(module: string, name: string): CatalogueEntry | undefined;
  /** Judges a use of another callable among the arguments. */
  judge(callee: Handle, manner: Manner): Judgement;
  /** Judges reading attribute `name` of a value. */
  attribute(target: Handle, name: string): Judgement;
  /** Judges that the bytes of this constant are loaded in their turn. */
  nested(value: Handle): Judgement;
}

const harmlessCodecs = /^(?:latin[-_]?1|iso[-_]?8859[-_]?1|utf[-_]?8|ascii|us[-_]?ascii)$/i;

/** Judges a call of an entry that is only harmless under a condition. */
export function applyRule(entry: CatalogueEntry, context: RuleContext): Judgement {
  const { args } = context;
  if (args === undefined) {
    return unknown("medium", `${entry.why}; but its arguments were too many or too far away to be examined`);
  }
  const first = args[0];
  switch (entry.rule) {
    // _codecs.encode(text, "latin1") is how protocols 0 to 2 write bytes. Other codecs run other code.
    case "latin1-text": {
      const codec = args.length === 1 ? "utf-8" : args[1] === undefined ? undefined : context.text(args[1]);
      if (codec !== undefined && harmlessCodecs.test(codec) && args.length <= 2) return harmless(entry.why);
      return unknown("medium", `uses a text codec other than the ones picklers use: ${codec ?? "(computed)"}`);
    }
    // getattr(Class, "member"): whatever that is must be catalogued itself.
    case "attribute": {
      const name = args[1] === undefined ? undefined : context.text(args[1]);
      if (first === undefined || name === undefined)
        return unknown("high", "reads an attribute whose name is computed");
      return context.attribute(first, name);
    }
    // copyreg._reconstructor(cls, base, state) calls base.__new__(cls, state) and perhaps base.__init__.
    case "base-object": {
      if (first === undefined || args[1] === undefined) return harmless("fails for want of arguments");
      const made = context.judge(first, { onlyNew: true, arguments: 0 });
      if (made.severity !== "none") return made;
      const base = context.judge(args[1], { onlyNew: false, arguments: undefined });
      return base.severity === "none" ? harmless(entry.why) : base;
    }
    // f(cls, …) runs cls.__new__ only.
    case "first-is-class": {
      if (first === undefined) return harmless("fails for want of arguments");
      const made = context.judge(first, { onlyNew: true, arguments: args.length - 1 });
      return made.severity === "none" ? harmless(entry.why) : made;
    }
    // f(callable, …) calls its argument.
    case "calls-first": {
      if (first === undefined) return harmless("fails for want of arguments");
      const made = context.judge(first, { onlyNew: false, arguments: undefined });
      return made.severity === "none" ? harmless(entry.why) : made;
    }
    // f(callable, …) keeps its argument, which is judged again when the result is called.
    case "wraps-first": {
      if (first === undefined) return harmless("fails for want of arguments");
      const use = context.nameOf(first)?.entry?.use;
      if (use === "call" || use === "new" || use === "name") return harmless(entry.why);
      const made = context.judge(first, { onlyNew: false, arguments: undefined });
      return made.severity === "none" ? harmless(entry.why) : made;
    }
    // type(x) names a class; type(name, bases, members) makes one.
    case "one-argument":
      if (args.length === 1) return harmless(entry.why);
      return unknown("high", `${entry.why}; with ${args.length} arguments it does more`);
    // numpy.random._pickle calls what it is given as bit generator or as constructor of one.
    case "calls-any":
      for (const arg of args) {
        if (!context.isGlobal(arg)) {
          if (context.isConcern(arg)) return unknown("high", `${entry.why}; it is given what castellan does not know`);
          continue;
        }
        // One of these constructors handed to the other gets plain names only.
        if (context.nameOf(arg)?.entry?.rule === "calls-any") continue;
        const made = context.judge(arg, { onlyNew: false, arguments: undefined });
        if (made.severity !== "none") return made;
      }
      return harmless(entry.why);
    // Imports a module by name and reads an attribute of it.
    case "import-pair": {
      const module = first === undefined ? undefined : context.text(first);
      const name = args[1] === undefined ? undefined : context.text(args[1]);
      if (module === undefined || name === undefined) return unknown("high", `${entry.why}; the names are computed`);
      const found = context.find(module, name);
      if (found !== undefined && found.use !== "never") return harmless(entry.why);
      return unknown("high", `${entry.why}; here it imports ${module}.${name}, which castellan does not know`);
    }
    // operator.getitem(typing.List, int)
    case "typing-item": {
      const module = first === undefined ? undefined : context.nameOf(first)?.module;
      if (module === "typing" || module === "builtins" || module === "collections.abc") return harmless(entry.why);
      return unknown("high", `${entry.why}; but here it takes an item out of something else`);
    }
    // A type of Python by its name, as dill and cloudpickle write them: what it makes is judged when it is called.
    case "type-by-name": {
      const name = first === undefined ? undefined : context.text(first);
      const found = name === undefined ? undefined : (context.find("builtins", name) ?? context.find("types", name));
      if (found?.use === "call") return harmless(entry.why);
      if (found !== undefined)
        return { effect: found.effect, severity: "high", why: `${entry.why}: ${name}, which ${found.why}` };
      return unknown("high", `${entry.why}: ${name ?? "(computed)"}`);
    }
    case "nested-bytes":
      return first === undefined ? harmless("fails for want of arguments") : context.nested(first);
    default:
      return harmless(entry.why);
  }
}
