import type { Severity } from "../../core/finding.ts";
import type { Catalogue, CatalogueEntry, Effect } from "./catalogue.ts";

/** What one call can do, and how bad that is. */
export interface Judgement {
  readonly effect: Effect;
  readonly severity: Severity | "none";
  readonly why: string;
}

/** A name as the machine found it. */
export interface Name {
  readonly module: string;
  readonly name: string;
}

/** How a callable is put to use. */
export interface Manner {
  /** True for NEWOBJ and the like: only `__new__` runs. */
  readonly onlyNew: boolean;
  /** Number of arguments when it is known. */
  readonly arguments: number | undefined;
}

const classLike = /^_*[A-Z][A-Za-z0-9_]*$/;

/** A harmless call, and why. */
export function harmless(why: string): Judgement {
  return { effect: "pure", severity: "none", why };
}

/** A call nobody can vouch for. */
export function unknown(severity: Severity, why: string): Judgement {
  return { effect: "unknown", severity, why };
}

/** Judges the use of a catalogued name whose entry has no condition on arguments. */
export function judgeEntry(entry: CatalogueEntry, name: Name, manner: Manner): Judgement {
  switch (entry.use) {
    case "call":
      return harmless(entry.why);
    case "new":
      if (manner.onlyNew || manner.arguments === 0) return harmless(entry.why);
      return unknown("medium", `runs the initialiser of ${text(name)}, of which only bare instances are known`);
    case "name":
      if (manner.onlyNew && classLike.test(name.name)) {
        return unknown("medium", `makes an instance of ${text(name)}, a class whose loading castellan does not know`);
      }
      return unknown("high", `calls ${text(name)}, which castellan knows only as a name that may be referred to`);
    default:
      return { effect: entry.effect, severity: severityOf(entry.effect), why: entry.why };
  }
}

/** Judges the use of a name the catalogue does not have: never harmless, and by default grave. */
export function judgeUnlisted(catalogue: Catalogue, name: Name, manner: Manner): Judgement {
  const reached = reachedThrough(catalogue, name);
  if (reached !== undefined) return reached;
  const library = catalogue.libraryOf(name.module);
  const bare = manner.onlyNew && classLike.test(name.name);
  if (library === "python") {
    return unknown("high", `calls ${text(name)}, which is not among the harmless names of Python's library`);
  }
  // Making a bare instance of an unlisted class and filling its attributes runs nothing but its own __new__ and
  // __setstate__. In libraries that are known to keep to that, and in the user's own modules, that is no finding of
  // its own; but it is not known to be safe either.
  if (library !== undefined && bare) {
    return unknown("medium", `makes an instance of ${text(name)}, a class of ${library} that is not catalogued`);
  }
  if (bare && (manner.arguments === 0 || isMain(name.module))) {
    return unknown("medium", `makes an instance of ${text(name)}, a class castellan does not know`);
  }
  return unknown("high", `calls ${text(name)}, something castellan does not know`);
}

/** Judges what it means that a pickle names something without calling it. */
export function judgeNaming(catalogue: Catalogue, name: Name, entry: CatalogueEntry | undefined): Judgement {
  if (entry !== undefined && entry.use !== "never") return harmless(entry.why);
  if (entry !== undefined) {
    return {
      effect: entry.effect,
      severity: "medium",
      why: `refers to ${text(name)} without calling it: ${entry.why}`,
    };
  }
  const reached = reachedThrough(catalogue, name);
  if (reached !== undefined) return { ...reached, severity: "medium" };
  const library = catalogue.libraryOf(name.module);
  const where = library === undefined ? "" : ` of ${library}`;
  return unknown(
    library === undefined || library === "python" ? "medium" : "low",
    `refers to ${text(name)}, something${where} castellan does not know`,
  );
}

/** A dotted name that leads to something known to be unwanted, e.g. `numpy` `core.os.system`. */
function reachedThrough(catalogue: Catalogue, name: Name): Judgement | undefined {
  const parts = name.name.split(".");
  for (let i = 0; i < parts.length - 1; i++) {
    const entry =
      catalogue.find(parts.slice(i, -1).join("."), parts.at(-1)!) ??
      catalogue.find(parts[i]!, parts.slice(i + 1).join("."));
    if (entry?.use === "never") {
      const why = `reaches ${parts.slice(i).join(".")} through ${name.module}: ${entry.why}`;
      return { effect: entry.effect, severity: severityOf(entry.effect), why };
    }
  }
  return undefined;
}

/** How bad a call with this effect is. */
export function severityOf(effect: Effect): Severity | "none" {
  if (effect === "pure") return "none";
  return effect === "execution" ? "critical" : "high";
}

/** `module.name`. */
export function text(name: Name): string {
  return `${name.module}.${name.name}`;
}

function isMain(module: string): boolean {
  return module === "__main__" || module === "__mp_main__";
}
