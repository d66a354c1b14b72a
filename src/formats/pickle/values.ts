import type { CatalogueEntry } from "./catalogue.ts";
import type { Handle } from "./handle.ts";
import type { Judgement, Name } from "./judgement.ts";

/** A global the pickle named. */
export interface NamedGlobal extends Name {
  readonly offset: number;
  readonly written: string | undefined;
  readonly entry: CatalogueEntry | undefined;
  /** True when its name could not be made out. */
  readonly nameless: boolean;
  named: number;
  called: number;
  /** Judgements of its calls, by manner. */
  judged?: Map<string, Judgement>;
  /** Calls that were judged harmless, of which only the first few are recorded in full. */
  quiet: number;
}

/** A value of which more has to be known than its place. */
export interface Origin {
  /** What made it: the call, if a call did. */
  readonly callee?: Handle;
  readonly args?: Handle;
  /** The arguments one by one, while they are known. */
  readonly items?: readonly Handle[] | undefined;
  readonly judgement?: Judgement;
  readonly entry?: CatalogueEntry | undefined;
  /** True when it is, or holds, something that must not be called. */
  concern: boolean;
  /** True when it may be a plain string, which could name a global. */
  text?: boolean;
  /** What it calls when it is called (functools.partial); absent handle 0 when that is not known. */
  wraps?: Handle;
  /** True when calling it is calling what it wraps, with the same arguments. */
  direct?: boolean;
  /** True when calling it only runs `__new__` of what it wraps. */
  onlyNew?: boolean;
  /** Values to watch that it holds; for dictionaries with their keys. */
  held?: { readonly key: Handle; readonly value: Handle }[];
  /** What BUILD was given, for the few objects whose description matters later. */
  state?: ReadonlyMap<string, Handle>;
  /** Attributes BUILD gave it that are to be watched, by name; "*" when the name is not known. */
  attributes?: Map<string, Handle>;
}

const heldLimit = 256;

/** What the judge remembers about values, bounded. */
export class Values {
  readonly globals: NamedGlobal[] = [];
  private readonly byName = new Map<string, number>();
  private readonly origins = new Map<Handle, Origin>();
  private readonly maxOrigins: number;
  /** True once something had to be forgotten. */
  overflow = false;

  constructor(maxOrigins: number) {
    this.maxOrigins = maxOrigins;
  }

  /** Index of the global of this key, made by `make` when it is new; -1 when there are too many names. */
  globalOf(key: string, make: () => NamedGlobal): number {
    const known = this.byName.get(key);
    if (known !== undefined) return known;
    if (this.globals.length >= this.maxOrigins) {
      this.overflow = true;
      return 0;
    }
    const index = this.globals.push(make()) - 1;
    this.byName.set(key, index);
    return index;
  }

  origin(value: Handle): Origin | undefined {
    return this.origins.get(value);
  }

  setOrigin(value: Handle, origin: Origin): void {
    if (this.origins.size >= this.maxOrigins && !this.origins.has(value)) this.overflow = true;
    else this.origins.set(value, origin);
  }

  /** The origin of a value, made when there is none yet. */
  originOf(value: Handle): Origin {
    const known = this.origins.get(value);
    if (known !== undefined) return known;
    const made: Origin = { concern: false };
    this.setOrigin(value, made);
    return made;
  }

  hold(container: Handle, key: Handle, value: Handle): void {
    const origin = this.originOf(container);
    origin.concern = true;
    origin.held ??= [];
    if (origin.held.length < heldLimit) origin.held.push({ key, value });
    else if (key !== 0) this.overflow = true;
  }
}
