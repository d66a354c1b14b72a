import { catalogueJson } from "./catalogue.gen.ts";

/** What calling something can do. */
export const effects = ["pure", "nested-load", "execution", "input-output", "unknown"] as const;
export type Effect = (typeof effects)[number];

/**
 * How far an entry may be used without concern: "call": called with any arguments; "new": instances may be made without
 * running `__init__` and filled by BUILD; "name": it may be referred to, not called; "never": what it does is known and
 * not wanted.
 */
export type Use = "call" | "new" | "name" | "never";

/** Conditions on the arguments of one call; each is explained where it is checked (`rules.ts`). */
export const rules = [
  "latin1-text",
  "attribute",
  "base-object",
  "first-is-class",
  "calls-first",
  "wraps-first",
  "one-argument",
  "calls-any",
  "import-pair",
  "typing-item",
  "nested-bytes",
  "type-by-name",
] as const;
export type Rule = (typeof rules)[number];

/** Conditions on the state of an instance (`state-rules.ts`). */
export const stateRules = ["rv-template", "skorch-tensors", "patsy-formula"] as const;
export type StateRule = (typeof stateRules)[number];

/** What castellan knows about one name. */
export interface CatalogueEntry {
  readonly library: string;
  readonly effect: Effect;
  readonly use: Use;
  readonly why: string;
  readonly rule?: Rule | undefined;
  /** True when what a call yields has to be remembered: its arguments matter later. */
  readonly keep?: boolean | undefined;
  /** A condition on the state BUILD gives an instance. */
  readonly state?: StateRule | undefined;
  /** True when members may be looked up by getattr (enumerations). */
  readonly members?: boolean | undefined;
}

/** One file of catalog/pickle, as the generator writes it. */
export interface CatalogueFile {
  readonly library: string;
  /** True for lists made by tools/learn: they say less than what was written for one name or module. */
  readonly learned: boolean;
  /** Packages whose classes follow the data-only protocol even when a class is not listed. */
  readonly namespaces: readonly string[];
  readonly groups: readonly CatalogueGroup[];
}

export interface CatalogueGroup {
  readonly effect?: Effect;
  readonly use?: Use;
  readonly why: string;
  readonly rule?: Rule;
  readonly keep?: boolean;
  readonly state?: StateRule;
  readonly members?: boolean;
  /**
   * Module to names, separated by spaces; "*" stands for every name of the module and of those below it. Under "(methods)" stand
   * methods that may be kept of whatever object.
   */
  readonly names: { readonly [module: string]: string };
}

/** Names and what they do, ready to be asked. */
export interface Catalogue {
  /** What is known of `module.name`, by exact name, or by a whole module known to be unwanted. */
  find(module: string, name: string): CatalogueEntry | undefined;
  /** The library whose package this module belongs to. */
  libraryOf(module: string): string | undefined;
}

interface Listing {
  readonly entry: CatalogueEntry;
  readonly names: string;
}

/** Indexes catalogue files, by module; a module's lists of names are only taken apart when it is asked for. */
export function openCatalogue(files: readonly CatalogueFile[]): Catalogue {
  const written = new Map<string, Listing[]>();
  const learned = new Map<string, Listing[]>();
  const whole = new Map<string, CatalogueEntry>();
  const packages = new Map<string, string>();
  for (const file of files) {
    for (const namespace of file.namespaces) packages.set(namespace, file.library);
    for (const group of file.groups) {
      const entry: CatalogueEntry = {
        library: file.library,
        effect: group.effect ?? "pure",
        use: group.use ?? (group.effect === undefined || group.effect === "nested-load" ? "call" : "never"),
        why: group.why,
        rule: group.rule,
        keep: group.keep,
        state: group.state,
        members: group.members,
      };
      const lists = file.learned ? learned : written;
      for (const [module, names] of Object.entries(group.names)) {
        if (names === "*") whole.set(module, entry);
        else lists.set(module, [...(lists.get(module) ?? []), { entry, names }]);
      }
    }
  }
  const findWritten = finder(written);
  const findLearned = finder(learned);
  return {
    find: (module, name) => findWritten(module, name) ?? byModule(whole, module) ?? findLearned(module, name),
    libraryOf: (module) => byModule(packages, module),
  };
}

function finder(lists: ReadonlyMap<string, readonly Listing[]>) {
  const opened = new Map<string, ReadonlyMap<string, CatalogueEntry>>();
  return (module: string, name: string): CatalogueEntry | undefined => {
    let names = opened.get(module);
    if (names === undefined) {
      const listings = lists.get(module);
      if (listings === undefined) return undefined;
      names = open(listings);
      opened.set(module, names);
    }
    return names.get(name);
  };
}

const reach: { readonly [use in Use]: number } = { never: 3, call: 2, new: 1, name: 0 };

/**
 * Lists overlap: what is learned from a library says less than what was written for one name. An unwanted name stays
 * unwanted, a condition stays a condition, and otherwise the entry that reaches further was meant.
 */
function open(listings: readonly Listing[]): ReadonlyMap<string, CatalogueEntry> {
  const names = new Map<string, CatalogueEntry>();
  const weight = (of: CatalogueEntry): number =>
    reach[of.use] * 2 + (of.rule === undefined && of.state === undefined ? 0 : 1);
  for (const { entry, names: list } of listings) {
    for (const name of list.split(" ")) {
      const known = names.get(name);
      if (known === undefined || weight(entry) > weight(known)) names.set(name, entry);
    }
  }
  return names;
}

function byModule<T>(map: ReadonlyMap<string, T>, module: string): T | undefined {
  for (let name = module; ; ) {
    const found = map.get(name);
    if (found !== undefined) return found;
    const dot = name.lastIndexOf(".");
    if (dot < 0) return undefined;
    name = name.slice(0, dot);
  }
}

/** The catalogue that ships with castellan. */
export const builtInCatalogue: Catalogue = openCatalogue(JSON.parse(catalogueJson) as readonly CatalogueFile[]);
