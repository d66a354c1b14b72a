import { isUtf8 } from "node:buffer";
import { ConstantReader, latin1 } from "./constant.ts";
import type { Handle } from "./handle.ts";
import { absent } from "./handle.ts";
import type { EffectJudge, MachineOptions } from "./machine-port.ts";
import type { Memo } from "./memo.ts";
import { parseFloatLine, parseInt0, parseLong } from "./text-number.ts";
import { isWideUtf8, parseQuoted, parseRawUnicode } from "./text-string.ts";
import type { Window } from "./window.ts";

const lineLimit = 1 << 20;

/** Numbers with a leading zero that all readers take alike: zero itself, fractions, prefixes and the two booleans. */
const agreed = /^0(?:[.eE]|[xXoObB]|L?$|[01]?\n|L\n)/;

/** Stack, marks, memo and arguments of the machine: everything that makes or moves values without calling anything. */
export abstract class StackMachine {
  protocol = 0;
  opcodes = 0;
  /** First place where the unpickler written in Python would do something else. */
  divergence = -1;
  readonly constants: ConstantReader;
  protected readonly w: Window;
  protected readonly memo: Memo;
  protected readonly options: MachineOptions;
  protected readonly python: boolean;
  protected abstract readonly judge: EffectJudge;
  protected stack: Float64Array = new Float64Array(1024);
  protected sp = 0;
  protected marks: Float64Array = new Float64Array(64);
  protected mp = 0;
  /** Height of the stack at the innermost mark: nothing below may be popped. */
  protected fence = 0;
  /** Why loading ended, and how: by running out of data, or by a bound of ours. */
  protected failure = "";
  protected cut = false;
  protected full = "";

  constructor(window: Window, memo: Memo, options: MachineOptions) {
    this.w = window;
    this.memo = memo;
    this.options = options;
    this.python = window.dialect === "python";
    this.constants = new ConstantReader(window.source);
  }

  protected push(value: Handle): boolean {
    if (this.sp === this.stack.length) {
      if (this.sp >= this.options.maxStack) return this.limit(`more than ${this.options.maxStack} values on the stack`);
      const grown = new Float64Array(Math.min(this.sp * 2, this.options.maxStack));
      grown.set(this.stack);
      this.stack = grown;
    }
    this.stack[this.sp++] = value;
    return true;
  }

  /** Takes the innermost mark off: its height, or -1 when there is none. */
  protected marker(): number {
    if (this.mp < 1) {
      this.failure = "could not find MARK";
      return -1;
    }
    const mark = this.marks[--this.mp]!;
    this.fence = this.mp > 0 ? this.marks[this.mp - 1]! : 0;
    return mark;
  }

  protected growMarks(): boolean {
    if (this.mp >= this.options.maxMarks) return this.limit(`more than ${this.options.maxMarks} open marks`);
    const grown = new Float64Array(Math.min(this.mp * 2, this.options.maxMarks));
    grown.set(this.marks);
    this.marks = grown;
    return true;
  }

  protected error(why: string): false {
    this.failure = why;
    return false;
  }

  protected underflow(): false {
    return this.error(this.mp > 0 ? "unexpected MARK found" : "unpickling stack underflow");
  }

  protected short(): false {
    this.cut = true;
    return this.error("pickle data was truncated");
  }

  protected limit(why: string): false {
    this.full = why;
    return false;
  }

  protected diverges(at: number): void {
    if (this.divergence < 0) this.divergence = at;
  }

  /** A four-byte count, or -1 when the data ends. */
  protected count4(): number {
    const w = this.w;
    if (w.pos + 4 > w.end && !w.need(4)) {
      this.short();
      return -1;
    }
    const { buf, pos } = w;
    w.pos = pos + 4;
    return buf[pos]! + buf[pos + 1]! * 0x100 + buf[pos + 2]! * 0x10000 + buf[pos + 3]! * 0x1000000;
  }

  /** An eight-byte count, or -1 when the data ends or the count is beyond any memory. */
  protected count8(): number {
    const low = this.w.need(8) ? this.count4() : -1;
    if (low < 0) {
      this.short();
      return -1;
    }
    const high = this.count4();
    if (high > 0x7fffffff) {
      this.error("size exceeds system's maximum");
      return -1;
    }
    return low + high * 2 ** 32;
  }

  /** A string payload of `size` bytes of UTF-8. */
  protected unicode(size: number, at: number): boolean {
    const w = this.w;
    if (size <= 48 && w.pos + size <= w.end) {
      const { buf } = w;
      const stop = w.pos + size;
      let pos = w.pos;
      while (pos < stop && buf[pos]! < 0x80) pos++;
      if (pos === stop) {
        w.pos = stop;
        return this.push(at + 1);
      }
    }
    if (!w.skipWhole(size)) return this.short();
    // What was read is the last `size` bytes: a frame's end may have been jumped over.
    if (!this.validText(w.offset - size, size)) return this.error("'utf-8' codec can't decode the string");
    return this.push(at + 1);
  }

  private validText(start: number, size: number): boolean {
    const { source } = this.w;
    for (let at = start; at < start + size; ) {
      let bytes = source.read(at, Math.min(1 << 20, start + size - at));
      if (bytes.length === 0) return true;
      if (at + bytes.length < start + size) {
        // Do not cut a letter in two.
        let keep = bytes.length;
        while (keep > bytes.length - 4 && (bytes[keep - 1]! & 0xc0) === 0x80) keep--;
        if (bytes[keep - 1]! >= 0xc0) keep--;
        if (keep > bytes.length - 4) bytes = bytes.subarray(0, keep);
      }
      if (!isUtf8(bytes) && !isWideUtf8(bytes)) return false;
      at += bytes.length;
    }
    return true;
  }

  /** A string of Python 2: ASCII for `pickle.loads`, but readers may ask for another encoding or for bytes. */
  protected oldString(size: number, at: number): boolean {
    const w = this.w;
    if (!w.skipWhole(size)) return this.short();
    if (this.options.strict) {
      for (let from = w.offset - size, left = size; left > 0; ) {
        const bytes = w.source.read(from, Math.min(left, 1 << 20));
        if (bytes.some((byte) => byte > 0x7f)) return this.error("'ascii' codec can't decode the string");
        from += bytes.length;
        left -= bytes.length;
      }
    }
    return this.push(at + 1);
  }

  protected recall(index: number): boolean {
    const value = this.memo.get(index);
    if (value === absent) return this.error(`Memo value not found at index ${index}`);
    return this.push(value);
  }

  protected memorize(index: number): boolean {
    if (this.sp <= this.fence) return this.underflow();
    return this.memo.put(index, this.stack[this.sp - 1]!) || this.limit("too many memo entries");
  }

  /**
   * The next line as latin-1 text with its newline; undefined when there is none, it is shorter than `least`, or longer
   * than `most`.
   */
  protected takeLine(least: number, most: number): string | undefined {
    const { w } = this;
    const length = w.line();
    if (length < least) {
      if (!w.refused) this.short();
      return undefined;
    }
    if (length > most) {
      this.limit(`a text argument of ${length} bytes`);
      return undefined;
    }
    const text = latin1(w.buf.subarray(w.pos, w.pos + length));
    w.pos += length;
    return text;
  }

  /** A line of a module or attribute name, decoded: UTF-8 for GLOBAL, ASCII for INST. */
  protected nameLine(ascii: boolean): string | undefined {
    const line = this.takeLine(2, lineLimit);
    if (line === undefined) return undefined;
    const bytes = Buffer.from(line.slice(0, -1), "latin1");
    if (ascii ? bytes.every((byte) => byte < 0x80) : isUtf8(bytes)) return bytes.toString("utf8");
    this.error("a global's name cannot be decoded");
    return undefined;
  }

  /**
   * Passes a line in the window that every reader takes the same way, for the sake of speed: plain decimal digits after an
   * optional minus, one point in them for FLOAT, an L behind them for LONG, `00` and `01` for INT. False for all else.
   */
  protected plainNumber(code: number): boolean {
    const { buf, pos, end } = this.w;
    let at = buf[pos] === 0x2d ? pos + 1 : pos;
    const first = at;
    const stop = Math.min(end, at + 18);
    let left = code === 0x46 ? 1 : 0;
    for (; at < stop; at++) {
      const byte = buf[at]!;
      if (byte >= 0x30 && byte <= 0x39) continue;
      if (at === first) return false;
      if (byte === 0x2e && left-- > 0) continue;
      const long = byte === 0x4c && code === 0x4c && at + 1 < end && buf[at + 1] === 0x0a;
      if (byte !== 0x0a && !long) return false;
      if (code !== 0x46 && buf[first] === 0x30 && at > first + 1) {
        const isBool = code === 0x49 && at === pos + 2 && (buf[first + 1]! | 1) === 0x31;
        if (!isBool) return false;
      }
      this.w.pos = long ? at + 2 : at + 1;
      return true;
    }
    return false;
  }

  /** The index on a GET or PUT line of at most nine digits, passed over; -1 when it is written in another way. */
  protected plainIndex(): number {
    const { buf, pos, end } = this.w;
    let value = 0;
    for (let at = pos; at < end && at < pos + 10; at++) {
      const byte = buf[at]!;
      if (byte >= 0x30 && byte <= 0x39) value = value * 10 + byte - 0x30;
      else if (byte === 0x0a && at > pos) {
        this.w.pos = at + 1;
        return value;
      } else break;
    }
    return -1;
  }

  /** Passes a short line of printable ASCII without escapes; false when it is anything else. */
  protected plainText(isQuoted: boolean): boolean {
    const { buf, pos, end } = this.w;
    const stop = Math.min(end, pos + 64);
    for (let at = pos; at < stop; at++) {
      const byte = buf[at]!;
      if (byte === 0x0a) {
        const quote = buf[pos]!;
        if (isQuoted && (at - pos < 2 || (quote !== 0x27 && quote !== 0x22) || buf[at - 1] !== quote)) return false;
        this.w.pos = at + 1;
        return true;
      }
      if (byte < 0x20 || byte > 0x7e || byte === 0x5c) return false;
    }
    return false;
  }

  protected numberLine(code: number, at: number): boolean {
    const { w } = this;
    if (this.plainNumber(code)) return this.push(at + 1);
    const length = w.line();
    // A number longer than any window is a valid one or an error; both end in nothing that is called.
    if (length > lineLimit) return w.skip(length) && this.push(at + 1);
    const line = this.takeLine(2, lineLimit);
    if (line === undefined) return false;
    if (line.includes("\0") || (line[0] === "0" && !agreed.test(line))) this.diverges(at);
    const parsed = code === 0x49 ? parseInt0(line) : code === 0x4c ? parseLong(line) : parseFloatLine(line);
    return parsed.ok ? this.push(at + 1) : this.error(parsed.error);
  }

  protected textLine(code: number, at: number): boolean {
    const { w } = this;
    if (this.plainText(code === 0x53)) return this.push(at + 1);
    const length = w.line();
    if (length > lineLimit) return w.skip(length) && this.push(at + 1);
    const line = this.takeLine(1, lineLimit);
    if (line === undefined) return false;
    const parsed = (code === 0x53 ? parseQuoted : parseRawUnicode)(line.slice(0, -1));
    if (!parsed.ok) return this.error(parsed.error);
    if (code === 0x53 && this.options.strict && /[^\0-\x7f]/.test(parsed.value)) {
      return this.error("'ascii' codec can't decode the string");
    }
    return this.push(at + 1);
  }
}
