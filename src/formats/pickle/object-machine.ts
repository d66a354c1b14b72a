import type { ValueKind } from "./constant.ts";
import { kindOf } from "./constant.ts";
import type { Handle, ObjectKind } from "./handle.ts";
import { absent, isConstant, kindOfObject, madeAt, objectAt, objectKind } from "./handle.ts";
import { NameCache } from "./name-cache.ts";
import { RecentContents } from "./recent-contents.ts";
import { StackMachine } from "./stack-machine.ts";

const kindNames: readonly ValueKind[] = ["object", "tuple", "list", "dict", "set", "frozenset", "bytearray", "buffer"];

/** The opcodes that build containers, find globals and call. */
export abstract class ObjectMachine extends StackMachine {
  readonly tuples: RecentContents = new RecentContents(4096, 8);
  readonly dicts: RecentContents = new RecentContents(1024, 32);

  private readonly names = new NameCache();

  /** What kind of value a handle is; "object" for whatever a call made. */
  kind(handle: Handle): ValueKind {
    if (isConstant(handle)) return kindOf(this.constants.code(madeAt(handle)));
    const kind = kindOfObject(handle);
    return kind < 0 ? "object" : kindNames[kind]!;
  }

  /** Makes the values above `from` a tuple. */
  protected newTuple(at: number, from: number): boolean {
    const tuple = objectAt(at, objectKind.tuple);
    this.tuples.set(tuple, this.stack, from, this.sp - from);
    return this.collect(tuple, from);
  }

  protected newDict(at: number, mark: number, count: number): boolean {
    const dict = objectAt(at, objectKind.dict);
    this.dicts.set(dict, this.stack, mark, count);
    return count === 0 ? this.push(dict) : this.collect(dict, mark);
  }

  /** Replaces the values above `from` by the container that took them. */
  protected collect(container: Handle, from: number): boolean {
    if (this.judge.watching) this.judge.hold(container, this.stack, from, this.sp - from);
    this.sp = from;
    return this.push(container);
  }

  /** `do_append`: plain lists are extended, anything else is asked for `extend` or `append`. */
  protected append(code: number, at: number, from: number): boolean {
    if (from > this.sp || from <= this.fence) return this.underflow();
    if (this.sp === from) return true;
    const target = this.stack[from - 1]!;
    const kind = kindOfObject(target);
    if (kind === objectKind.list) {
      if (this.judge.watching) this.judge.hold(target, this.stack, from, this.sp - from);
    } else if (isConstant(target) || isBuiltin(kind, [objectKind.bytearray])) {
      return this.error("the object has no attribute 'append'");
    } else this.judge.mutate(at, code, target, this.stack, from, this.sp - from);
    this.sp = from;
    return true;
  }

  /** `do_setitems`: `__setitem__` of whatever stands below. */
  protected setItems(code: number, at: number, from: number): boolean {
    if (from > this.sp || from <= this.fence) return this.underflow();
    const count = this.sp - from;
    if (count === 0) return true;
    if (count % 2 !== 0) return this.error("odd number of items for SETITEMS");
    const target = this.stack[from - 1]!;
    const kind = kindOfObject(target);
    if (kind === objectKind.dict) {
      this.dicts.add(target, this.stack, from, count);
      if (this.judge.watching) this.judge.hold(target, this.stack, from, count);
    } else if (isConstant(target) || isBuiltin(kind, [objectKind.list, objectKind.bytearray, objectKind.buffer])) {
      return this.error("the object does not support item assignment");
    } else this.judge.mutate(at, code, target, this.stack, from, count);
    this.sp = from;
    return true;
  }

  protected addItems(at: number, mark: number): boolean {
    if (mark > this.sp || mark <= this.fence) return this.underflow();
    if (this.sp === mark) return true;
    const target = this.stack[mark - 1]!;
    const kind = kindOfObject(target);
    if (kind === objectKind.set) {
      if (this.judge.watching) this.judge.hold(target, this.stack, mark, this.sp - mark);
    } else if (isConstant(target) || isBuiltin(kind, [])) {
      return this.error("the object has no attribute 'add'");
    } else this.judge.mutate(at, 0x90, target, this.stack, mark, this.sp - mark);
    this.sp = mark;
    return true;
  }

  protected reduce(at: number): boolean {
    if (this.sp - 2 < this.fence) return this.underflow();
    const args = this.stack[--this.sp]!;
    const callee = this.stack[--this.sp]!;
    if (this.notCallable(callee)) return this.error("the object is not callable");
    if (!this.maybeTuple(args)) {
      // Python's own unpickler spreads any iterable, so there a list of arguments is as good as a tuple.
      this.diverges(at);
      if (!this.python || this.neverIterable(args)) return this.error("argument list must be a tuple");
    }
    return this.push(this.judge.call(at, 0x52, callee, args, absent));
  }

  protected newObject(code: number, at: number): boolean {
    const named = code === 0x92;
    if (this.sp - (named ? 3 : 2) < this.fence) return this.underflow();
    const kwargs = named ? this.stack[--this.sp]! : absent;
    const args = this.stack[--this.sp]!;
    const cls = this.stack[--this.sp]!;
    if (this.notCallable(cls)) return this.error("the class argument must be a type");
    if (!this.maybeTuple(args)) {
      this.diverges(at);
      if (!this.python || this.neverIterable(args)) return this.error("the arguments must be a tuple");
    }
    if (named && this.kind(kwargs) !== "dict" && this.kind(kwargs) !== "object") {
      return this.error("the keyword arguments must be a dict");
    }
    return this.push(this.judge.call(at, code, cls, args, kwargs));
  }

  protected obj(at: number): boolean {
    const mark = this.marker();
    if (mark < 0) return false;
    if (this.sp - mark < 1) return this.underflow();
    const callee = this.stack[mark]!;
    const args = objectAt(at, objectKind.tuple);
    this.tuples.set(args, this.stack, mark + 1, this.sp - mark - 1);
    if (this.judge.watching) this.judge.hold(args, this.stack, mark + 1, this.sp - mark - 1);
    this.sp = mark;
    if (this.notCallable(callee)) return this.error("the object is not callable");
    return this.push(this.judge.call(at, 0x6f, callee, args, absent));
  }

  protected inst(at: number): boolean {
    const mark = this.marker();
    if (mark < 0) return false;
    const module = this.nameLine(true);
    if (module === undefined) return false;
    const name = this.nameLine(true);
    if (name === undefined) return false;
    const callee = this.judge.global(at, this.protocol, module, name);
    if (mark < this.fence || mark > this.sp) return this.underflow();
    const args = objectAt(at, objectKind.tuple);
    this.tuples.set(args, this.stack, mark, this.sp - mark);
    if (this.judge.watching) this.judge.hold(args, this.stack, mark, this.sp - mark);
    this.sp = mark;
    return this.push(this.judge.call(at, 0x69, callee, args, absent));
  }

  /** GLOBAL: two lines. */
  protected globalLines(at: number): boolean {
    const { buf, pos, end } = this.w;
    const first = newlineNear(buf, pos, end);
    const second = first < 0 ? -1 : newlineNear(buf, first + 1, end);
    if (second >= 0) {
      const known = this.names.get(buf, pos, first - pos, first + 1, second - first - 1, this.protocol < 3);
      if (known !== absent) {
        this.w.pos = second + 1;
        this.judge.again(at, known);
        return this.push(known);
      }
    }
    const module = this.nameLine(false);
    if (module === undefined) return false;
    const name = this.nameLine(false);
    if (name === undefined) return false;
    const found = this.judge.global(at, this.protocol, module, name);
    if (second >= 0 && buf === this.w.buf) {
      this.names.set(buf, pos, first - pos, first + 1, second - first - 1, this.protocol < 3, found);
    }
    return this.push(found);
  }

  protected stackGlobal(at: number): boolean {
    if (this.sp - 2 < this.fence) return this.underflow();
    const name = this.stack[--this.sp]!;
    const module = this.stack[--this.sp]!;
    const { w } = this;
    const { buf, base } = w;
    // Both names are short and still in the window: look at their bytes there.
    const a = module - 1 - base;
    const b = name - 1 - base;
    const near = a >= 0 && b >= 0 && a < w.pos && b < w.pos && buf[a] === 0x8c && buf[b] === 0x8c;
    if (near) {
      const known = this.names.get(buf, a + 2, buf[a + 1]!, b + 2, buf[b + 1]!, this.protocol < 3);
      if (known !== absent) {
        this.judge.again(at, known);
        return this.push(known);
      }
    }
    if (!this.maybeText(name) || !this.maybeText(module)) return this.error("STACK_GLOBAL requires str");
    const moduleText = isConstant(module) ? this.constants.text(madeAt(module)) : undefined;
    const nameText = isConstant(name) ? this.constants.text(madeAt(name)) : undefined;
    if (moduleText === undefined || nameText === undefined) {
      return this.push(this.judge.unnamed(at, `${moduleText ?? "(computed)"}.${nameText ?? "(computed)"}`));
    }
    const found = this.judge.global(at, this.protocol, moduleText, nameText);
    if (near) this.names.set(buf, a + 2, buf[a + 1]!, b + 2, buf[b + 1]!, this.protocol < 3, found);
    return this.push(found);
  }

  protected build(at: number): boolean {
    if (this.sp - 2 < this.fence) return this.underflow();
    const state = this.stack[--this.sp]!;
    const target = this.stack[this.sp - 1]!;
    const kind = this.kind(target);
    if (kind !== "object" && kind !== "buffer") return this.buildPlain(state);
    this.judge.build(at, target, state);
    return this.judge.gaps ? this.passGap(target) : true;
  }

  /** BUILD on a value without attributes: only an empty state gets through. */
  private buildPlain(state: Handle): boolean {
    const kind = this.kind(state);
    if (kind === "none" || kind === "object" || kind === "tuple" || this.python) return true;
    return this.error(kind === "dict" ? "the object has no attribute '__dict__'" : "state is not a dictionary");
  }

  /** joblib writes an array's bytes right behind the BUILD of its description. */
  private passGap(target: Handle): boolean {
    const gap = this.judge.gapAfter(target);
    if (gap === undefined) return true;
    const { w } = this;
    if (w.offset < w.frameEnd && w.frameEnd !== Number.POSITIVE_INFINITY) w.disorder();
    if (gap === "pickle") {
      const end = this.options.nestedStream?.(w.offset) ?? -1;
      if (end < 0) return this.error("the pickle of an object array cannot be read");
      w.seek(end);
      return true;
    }
    const start = w.offset;
    if ("bytes" in gap) {
      if (!w.skip(gap.bytes)) return this.short();
    } else {
      if (!w.need(1)) return this.short();
      const padding = w.buf[w.pos++]!;
      if (!w.skip(padding + gap.padded)) return this.short();
    }
    this.options.gap?.(start, w.offset);
    return true;
  }

  protected persistent(code: number, at: number): boolean {
    if (this.options.strict) return this.error("no persistent_load function was specified");
    if (code === 0x51) {
      if (this.sp <= this.fence) return this.underflow();
      return this.push(this.judge.persistent(at, this.stack[--this.sp]!));
    }
    const line = this.takeLine(1, 1 << 20);
    if (line === undefined) return false;
    if (/[^\0-\x7f]/.test(line)) return this.error("persistent IDs in protocol 0 must be ASCII strings");
    return this.push(this.judge.persistent(at, absent));
  }

  protected extension(code: number, at: number): boolean {
    const { w } = this;
    const size = code === 0x82 ? 1 : code === 0x83 ? 2 : 4;
    if (!w.need(size)) return this.short();
    let value = 0;
    for (let i = 0; i < size; i++) value |= w.buf[w.pos + i]! << (8 * i);
    w.pos += size;
    if (value <= 0) return this.error("EXT specifies code <= 0");
    if (this.options.strict) return this.error(`unregistered extension code ${value}`);
    return this.push(this.judge.unnamed(at, `extension code ${value}`));
  }

  protected readOnly(): boolean {
    if (this.sp <= this.fence) return this.underflow();
    const kind = this.kind(this.stack[this.sp - 1]!);
    const bufferLike = kind === "bytes" || kind === "bytearray" || kind === "buffer" || kind === "object";
    return bufferLike || kind === "old-str" ? true : this.error("memoryview: a bytes-like object is required");
  }

  private notCallable(handle: Handle): boolean {
    const kind = this.kind(handle);
    return kind !== "object";
  }

  private maybeTuple(handle: Handle): boolean {
    const kind = this.kind(handle);
    return kind === "tuple" || kind === "object";
  }

  private neverIterable(handle: Handle): boolean {
    const kind = this.kind(handle);
    return kind === "none" || kind === "bool" || kind === "int" || kind === "float";
  }

  private maybeText(handle: Handle): boolean {
    const kind = this.kind(handle);
    return kind === "str" || kind === "old-str" || (kind === "object" && this.judge.maybeText(handle));
  }
}

/** Place of the next newline within 200 bytes and below `end`, or -1. */
function newlineNear(buf: Uint8Array, from: number, end: number): number {
  const stop = Math.min(end, from + 200);
  for (let at = from; at < stop; at++) if (buf[at] === 10) return at;
  return -1;
}

/** True for a built-in container that is none of `except`. */
function isBuiltin(kind: ObjectKind | -1, except: readonly number[]): boolean {
  return kind > 0 && !except.includes(kind);
}
