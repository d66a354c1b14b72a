import { CallLedger } from "./call-ledger.ts";
import type { Catalogue, CatalogueEntry, Rule } from "./catalogue.ts";
import { Describer, cutTo } from "./describe.ts";
import { findClass } from "./find-class.ts";
import type { Handle } from "./handle.ts";
import {
  absent,
  globalAt,
  globalIndex,
  isConstant,
  isGlobal,
  kindOfObject,
  madeAt,
  objectAt,
  objectKind,
} from "./handle.ts";
import type { Judgement, Manner } from "./judgement.ts";
import { harmless, judgeEntry, judgeNaming, judgeUnlisted, text, unknown } from "./judgement.ts";
import type { Machine } from "./machine.ts";
import type { Observer } from "./machine-port.ts";
import { RecentContents } from "./recent-contents.ts";
import { applyRule } from "./rules.ts";
import type { NamedGlobal, Origin, Values } from "./values.ts";

/** Conditions on functions that, called by anybody with anything, reach nothing but what the pickle names anyway. */
const passing: ReadonlySet<Rule> = new Set<Rule>([
  "latin1-text",
  "base-object",
  "first-is-class",
  "calls-first",
  "wraps-first",
]);
/** Longest text that is taken for bytes in disguise and examined. */
const encodedLimit = 64 << 20;
/** Longest text of arguments that is kept. */
export const argsLimit = 600;
/** For callables of which it is not known what they will be called with. */
export const unknownArguments: Manner = { onlyNew: false, arguments: undefined };

/** Bytes of this pickle that a call loads in their turn. */
export interface NestedRequest {
  readonly offset: number;
  readonly callable: string;
  readonly start: number;
  readonly length: number;
  /** The bytes themselves, when they do not stand in the pickle as they are. */
  readonly bytes?: Uint8Array;
}

/** Follows what is named and called, and judges every call by what the catalogue knows of it. */
export abstract class CallJudge {
  readonly ledger: CallLedger = new CallLedger();
  readonly values: Values;
  readonly nestedRequests: NestedRequest[] = [];
  watching = false;
  gaps = false;
  protected readonly machine: Machine;
  protected readonly catalogue: Catalogue;
  protected readonly describer: Describer;
  protected readonly joblib: boolean;
  private readonly observer: Observer | undefined;
  /** What rules may ask; one object for all calls, since a rule asks before it has another call judged. */
  private readonly question = {
    args: undefined as readonly Handle[] | undefined,
    offset: 0,
    callable: { module: "", name: "" },
    text: (value: Handle) => this.textOf(value),
    isGlobal,
    isConcern: (value: Handle) => this.concerning(value),
    nameOf: (value: Handle) => (isGlobal(value) ? this.values.globals[globalIndex(value)] : undefined),
    find: (module: string, name: string) => this.catalogue.find(module, name),
    judge: (callee: Handle, manner: Manner) => this.judge(callee, manner, undefined, this.question.offset),
    attribute: (target: Handle, name: string) => this.attribute(target, name),
    nested: (value: Handle) => this.nested(value, this.question.offset, text(this.question.callable)),
  };
  /** Results of _codecs.encode, with the text they were made from. */
  private readonly encoded = new RecentContents(1024, 1);

  constructor(
    machine: Machine,
    catalogue: Catalogue,
    options: { readonly joblib: boolean; readonly values: Values; readonly observer?: Observer | undefined },
  ) {
    this.machine = machine;
    this.catalogue = catalogue;
    this.joblib = options.joblib;
    this.values = options.values;
    this.observer = options.observer;
    // Values kept from an earlier stream may have to be watched from the start.
    this.watching = options.values.globals.some(isConcern);
    this.describer = new Describer(machine, this.values);
  }

  global(offset: number, protocol: number, module: string, name: string): Handle {
    return this.named(offset, `${protocol < 3 ? 2 : 3} ${module}\n${name}`, () => {
      const found = findClass(protocol, module, name);
      const mapped = found.module !== module || found.name !== name;
      const entry = this.catalogue.find(found.module, found.name);
      return { ...found, written: mapped ? `${module}.${name}` : undefined, entry, nameless: false };
    });
  }

  again(offset: number, global: Handle): void {
    const found = this.values.globals[globalIndex(global)]!;
    found.named++;
    this.observer?.named(offset, text(found));
  }

  unnamed(offset: number, what: string): Handle {
    return this.named(offset, `? ${offset}`, () => {
      return { module: "?", name: what, written: undefined, entry: undefined, nameless: true };
    });
  }

  protected named(
    offset: number,
    key: string,
    find: () => Pick<NamedGlobal, "module" | "name" | "written" | "entry" | "nameless">,
  ): Handle {
    const index = this.values.globalOf(key, () => ({ ...find(), offset, named: 0, called: 0, quiet: 0 }));
    const found = this.values.globals[index]!;
    found.named++;
    this.observer?.named(offset, text(found));
    if (isConcern(found)) this.watching = true;
    if (this.joblib && found.entry?.keep && found.name.endsWith("ArrayWrapper")) this.gaps = true;
    return globalAt(index);
  }

  call(offset: number, opcode: number, callee: Handle, args: Handle, kwargs: Handle): Handle {
    const result = objectAt(offset, objectKind.object);
    if (isGlobal(callee)) {
      const found = this.values.globals[globalIndex(callee)]!;
      found.called++;
      const entry = found.entry;
      // The common case, without looking at anything: a name that may be called with whatever it is given.
      if (
        entry?.use === "call" &&
        entry.rule === undefined &&
        !entry.keep &&
        found.quiet >= 3 &&
        !this.isString(callee) &&
        this.observer === undefined
      ) {
        found.quiet++;
        return result;
      }
    }
    const items = this.machine.kind(args) === "tuple" ? this.machine.tuples.get(args) : undefined;
    const bare = opcode === 0x81 || opcode === 0x92 || (opcode !== 0x52 && items?.length === 0);
    const count = items === undefined ? undefined : items.length + (kwargs === absent ? 0 : 1);
    const called = this.judge(callee, { onlyNew: bare, arguments: count }, items, offset);
    const judgement = called.severity === "none" ? this.judgeArguments(called, callee, items) : called;
    if (judgement.severity !== "none" || this.isNews(callee)) {
      this.record(offset, opcode, callee, judgement, () => this.callText(args, kwargs));
    }
    const entry = this.madeEntry(callee, items, 0);
    if (entry?.rule === "latin1-text" && items?.[0] !== undefined) this.encoded.setOne(result, items[0]);
    const makesText = this.isString(callee) || (items?.some((item) => this.isString(item)) ?? false);
    if (judgement.severity !== "none" || entry?.keep || makesText) {
      const concern = judgement.severity !== "none" || entry?.rule !== undefined;
      const origin: Origin = { callee, args, items, judgement, entry, concern, text: makesText };
      if (entry?.rule === "wraps-first") origin.wraps = items?.[0] ?? absent;
      this.lookThrough(offset, callee, items, origin);
      this.values.setOrigin(result, origin);
      if (concern) this.watching = true;
    }
    return result;
  }

  /** False for the fourth and later harmless calls of one global: their number is all that is kept. */
  private isNews(callee: Handle): boolean {
    if (!isGlobal(callee) || this.observer !== undefined) return true;
    return this.values.globals[globalIndex(callee)]!.quiet++ < 3;
  }

  /**
   * What is known about the class of which a call makes an instance: that of the callable itself, or of the class or function
   * that is handed to it to be called.
   */
  private madeEntry(callee: Handle, items: readonly Handle[] | undefined, depth: number): CatalogueEntry | undefined {
    if (isGlobal(callee)) {
      const { entry } = this.values.globals[globalIndex(callee)]!;
      const passesOn =
        entry?.rule === "base-object" || entry?.rule === "first-is-class" || entry?.rule === "calls-first";
      if (!passesOn || items?.[0] === undefined || depth > 8) return entry;
      return this.madeEntry(items[0], undefined, depth + 1) ?? entry;
    }
    const wraps = this.values.origin(callee)?.wraps;
    return wraps === undefined || wraps === absent || depth > 8
      ? undefined
      : this.madeEntry(wraps, undefined, depth + 1);
  }

  /**
   * Code that takes an object asks it for attributes like `keys` or `__array__`. If functions were put there, harmless code calls
   * them: an object like that among the arguments is not known to be harmless.
   */
  private judgeArguments(judgement: Judgement, callee: Handle, items: readonly Handle[] | undefined): Judgement {
    const carrier = items?.find((item) => item < 0 && this.values.origin(item)?.attributes !== undefined);
    const rule = isGlobal(callee) ? this.values.globals[globalIndex(callee)]!.entry?.rule : undefined;
    if (carrier === undefined || rule === "attribute" || rule === "wraps-first") return judgement;
    const what = cutTo(this.describer.value(callee), 200);
    return unknown("medium", `gives ${what} an object with functions for attributes, which it may call`);
  }

  /** Some calls only look up another callable: what they yield is called in its place. */
  private lookThrough(offset: number, callee: Handle, items: readonly Handle[] | undefined, origin: Origin): void {
    const rule = isGlobal(callee) ? this.values.globals[globalIndex(callee)]!.entry?.rule : undefined;
    const first = items?.[0];
    if (first === undefined) return;
    if (rule === "type-by-name") {
      const name = this.textOf(first);
      if (name === undefined) return;
      const module = this.catalogue.find("builtins", name) === undefined ? "types" : "builtins";
      Object.assign(origin, { wraps: this.global(offset, 3, module, name), direct: true });
    } else if (rule === "attribute" && isGlobal(first) && items!.length === 2) {
      const name = this.textOf(items![1]!);
      const owner = this.values.globals[globalIndex(first)]!;
      // getattr(SomeClass, "__new__") is how protocols 2 and 3 write calls of it with keywords.
      if (name === "__new__") Object.assign(origin, { wraps: first, onlyNew: true });
      else if (name !== undefined && this.catalogue.find(owner.module, `${owner.name}.${name}`) !== undefined) {
        Object.assign(origin, { wraps: this.global(offset, 4, owner.module, `${owner.name}.${name}`), direct: true });
      }
    }
  }

  protected textOf(value: Handle): string | undefined {
    return isConstant(value) ? this.machine.constants.text(madeAt(value)) : undefined;
  }

  /** What calling `callee` in this manner can do. */
  protected judge(callee: Handle, manner: Manner, args: readonly Handle[] | undefined, offset: number): Judgement {
    if (isGlobal(callee)) {
      const found = this.values.globals[globalIndex(callee)]!;
      if (found.nameless)
        return unknown("high", `calls something whose name is not written in the pickle: ${found.name}`);
      if (found.entry === undefined) return this.unlisted(found, manner);
      if (found.entry.rule !== undefined && found.entry.use !== "never") {
        this.question.args = args;
        this.question.offset = offset;
        this.question.callable = found;
        return applyRule(found.entry, this.question);
      }
      return judgeEntry(found.entry, found, manner);
    }
    const kind = this.machine.kind(callee);
    if (kind !== "object" && kind !== "buffer") return harmless("not callable");
    const origin = this.values.origin(callee);
    if (origin?.wraps !== undefined && origin.wraps !== absent) {
      if (origin.direct) return this.judge(origin.wraps, manner, args, offset);
      const wrapped = origin.onlyNew ? { onlyNew: true, arguments: 0 } : unknownArguments;
      return this.judge(origin.wraps, wrapped, undefined, offset);
    }
    return unknown("high", `calls ${cutTo(this.describer.value(callee), 200)}, a value made while loading`);
  }

  /** One judgement for all calls of a name in the same manner: pickles may call it millions of times. */
  private unlisted(found: NamedGlobal, manner: Manner): Judgement {
    const kind = `${manner.onlyNew} ${manner.arguments === 0}`;
    found.judged ??= new Map();
    let judgement = found.judged.get(kind);
    if (judgement === undefined) {
      judgement = judgeUnlisted(this.catalogue, found, manner);
      found.judged.set(kind, judgement);
    }
    return judgement;
  }

  protected attribute(target: Handle, name: string): Judgement {
    if (!isGlobal(target)) {
      if (name.startsWith("__")) return unknown("high", `reads attribute ${name} of a value made while loading`);
      // Methods of plain values and containers work on these alone, and so do those of scipy's distributions.
      const isPlain = isConstant(target) || kindOfObject(target) > 0;
      if (isPlain || this.values.origin(target)?.entry?.state === "rv-template") {
        return harmless(`keeps method ${name} of a plain value or a distribution`);
      }
      const method = this.catalogue.find("(methods)", name);
      if (method !== undefined) return harmless(method.why);
      return unknown("medium", `keeps method ${name} of an object, and castellan does not know what that method does`);
    }
    const owner = this.values.globals[globalIndex(target)]!;
    if (owner.entry?.members && !name.startsWith("_")) return harmless(`a member of the enumeration ${text(owner)}`);
    if (name === "__new__") return this.judge(target, { onlyNew: true, arguments: 0 }, undefined, -1);
    const path = { module: owner.module, name: `${owner.name}.${name}` };
    const entry = this.catalogue.find(path.module, path.name);
    if (entry !== undefined) return judgeNaming(this.catalogue, path, entry);
    return judgeUnlisted(this.catalogue, path, unknownArguments);
  }

  protected nested(value: Handle, offset: number, callable: string): Judgement {
    const encoded = this.encoded.get(value)?.[0];
    if (encoded !== undefined) {
      // Protocols 0 to 2 have no bytes: they encode a text in which each letter is one.
      const text = isConstant(encoded) ? this.machine.constants.text(madeAt(encoded), encodedLimit) : undefined;
      if (text !== undefined) {
        const bytes = Buffer.from(text, "latin1");
        this.nestedRequests.push({ offset, callable, start: madeAt(encoded), length: 0, bytes });
        return harmlessLoad(callable);
      }
    }
    const extent = isConstant(value) ? this.machine.constants.extent(madeAt(value)) : undefined;
    const kind = this.machine.kind(value);
    if (extent === undefined || kind !== "bytes") {
      return {
        effect: "nested-load",
        severity: "high",
        why: `${callable} loads data that is not written out in the pickle`,
      };
    }
    this.nestedRequests.push({ offset, callable, ...extent });
    return harmlessLoad(callable);
  }

  protected concerning(value: Handle): boolean {
    if (isGlobal(value)) return isConcern(this.values.globals[globalIndex(value)]!);
    return this.values.origin(value)?.concern ?? false;
  }

  protected isString(value: Handle): boolean {
    const found = isGlobal(value) ? this.values.globals[globalIndex(value)] : undefined;
    return found !== undefined && found.module === "builtins" && (found.name === "str" || found.name === "getattr");
  }

  protected record(offset: number, opcode: number, callee: Handle, judgement: Judgement, args: () => string): void {
    const name = cutTo(this.describer.value(callee), 300);
    const text = (): string => cutTo(args(), argsLimit);
    this.ledger.add(offset, opcode, name, judgement, this.path(callee), text);
    this.observer?.called(offset, `${name} ${text()}`, judgement.severity, judgement.why);
  }

  /** The opcodes through which a callable came about, first to last. */
  protected path(callee: Handle): readonly number[] {
    const path: number[] = [];
    for (let value: Handle | undefined = callee; value !== undefined && value !== absent && path.length < 16; ) {
      if (isGlobal(value)) {
        path.unshift(this.values.globals[globalIndex(value)]!.offset);
        break;
      }
      path.unshift(madeAt(value));
      const origin: Origin | undefined = this.values.origin(value);
      value = origin?.wraps ?? origin?.callee;
    }
    return path;
  }

  protected callText(args: Handle, kwargs: Handle): string {
    const plain = this.describer.value(args);
    return kwargs === absent ? plain : `${plain}, **${this.describer.value(kwargs)}`;
  }
}

function harmlessLoad(callable: string): Judgement {
  const why = `${callable} loads the bytes it is given, which are examined too`;
  return { effect: "nested-load", severity: "none", why };
}

/** True for globals whose call is not harmless as such: where they are stored has to be followed. */
export function isConcern({ entry }: NamedGlobal): boolean {
  if (entry === undefined || entry.use !== "call") return true;
  return entry.rule !== undefined && !passing.has(entry.rule);
}
