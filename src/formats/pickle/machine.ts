import type { EffectJudge, MachineOptions, RunEnd } from "./machine-port.ts";
import type { Memo } from "./memo.ts";
import { objectAt, objectKind } from "./handle.ts";
import { SprintMachine } from "./sprint-machine.ts";
import { parsePyLong } from "./text-number.ts";
import type { Window } from "./window.ts";

/**
 * Runs a pickle the way `Modules/_pickle.c` does, on values that are only known by where they come from. Whatever the
 * real unpickler would import or call is put to the judge, in order, until the real one would stop.
 */
export class Machine extends SprintMachine {
  protected readonly judge: EffectJudge;

  constructor(window: Window, memo: Memo, options: MachineOptions, judge: (machine: Machine) => EffectJudge) {
    super(window, memo, options);
    this.judge = judge(this);
  }

  /** Runs one stream from `start` until STOP, an error, the end of the data or a bound. */
  run(start: number): RunEnd {
    this.w.seek(start);
    this.sp = this.mp = this.fence = this.protocol = 0;
    const { w, options } = this;
    const { trace, expired, maxOpcodes } = options;
    let checkpoint = Math.min(maxOpcodes, 0xffff);
    for (;;) {
      if (trace === undefined) this.sprint(checkpoint);
      if (w.pos >= w.end && !w.need(1)) {
        return this.ending(w.refused ? "error" : "truncated", w.offset, "the data ends before STOP");
      }
      const at = w.base + w.pos;
      const code = w.buf[w.pos++]!;
      if (trace !== undefined) trace(at, code);
      if (code === 0x2e) {
        if (this.sp <= this.fence) return this.ending("error", at, "STOP without a value");
        this.opcodes++;
        return { ended: "stop", end: w.endAfterStop(), at, why: "" };
      }
      if (++this.opcodes > checkpoint) {
        if (this.opcodes > maxOpcodes) return this.ending("limit", at, `more than ${maxOpcodes} opcodes`);
        if (expired?.()) return this.ending("limit", at, "out of time");
        checkpoint = Math.min(maxOpcodes, this.opcodes + 0xffff);
      }
      if (!this.step(code, at)) {
        if (this.full !== "") return this.ending("limit", at, this.full);
        if (w.refused) return this.ending("error", at, "pickle exhausted before end of frame");
        return this.ending(this.cut ? "truncated" : "error", at, this.failure);
      }
    }
  }

  private ending(ended: Exclude<RunEnd["ended"], "stop">, at: number, why: string): RunEnd {
    return { ended, end: at, at, why };
  }

  /** Runs one opcode, as the function of that name in _pickle.c; false when loading ends there. */
  private step(code: number, at: number): boolean {
    const w = this.w;
    switch (code) {
      case 0x28: // MARK
        if (this.mp === this.marks.length && !this.growMarks()) return false;
        this.marks[this.mp++] = this.fence = this.sp;
        return true;
      case 0x30: // POP
        if (this.mp > 0 && this.marks[this.mp - 1] === this.sp) return this.marker() >= 0;
        if (this.sp <= this.fence) return this.underflow();
        this.sp--;
        return true;
      case 0x31: {
        // POP_MARK
        const mark = this.marker();
        if (mark < 0) return false;
        this.sp = mark;
        return true;
      }
      case 0x32: // DUP
        if (this.sp <= this.fence) return this.underflow();
        return this.push(this.stack[this.sp - 1]!);
      case 0x4e: // NONE
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        return this.push(at + 1);
      case 0x4b: // BININT1
        if (w.pos + 1 > w.end && !w.need(1)) return this.short();
        w.pos += 1;
        return this.push(at + 1);
      case 0x4d: // BININT2
        if (w.pos + 2 > w.end && !w.need(2)) return this.short();
        w.pos += 2;
        return this.push(at + 1);
      case 0x4a: // BININT
        if (w.pos + 4 > w.end && !w.need(4)) return this.short();
        w.pos += 4;
        return this.push(at + 1);
      case 0x47: // BINFLOAT
        if (w.pos + 8 > w.end && !w.need(8)) return this.short();
        w.pos += 8;
        return this.push(at + 1);
      case 0x8c: // SHORT_BINUNICODE
        if (w.pos + 1 > w.end && !w.need(1)) return this.short();
        return this.unicode(w.buf[w.pos++]!, at);
      case 0x58: {
        // BINUNICODE
        const size = this.count4();
        return size < 0 ? false : this.unicode(size, at);
      }
      case 0x8d: {
        // BINUNICODE8
        const size = this.count8();
        return size < 0 ? false : this.unicode(size, at);
      }
      case 0x43: // SHORT_BINBYTES
        if (w.pos + 1 > w.end && !w.need(1)) return this.short();
        return (w.skip(w.buf[w.pos++]!) || this.short()) && this.push(at + 1);
      case 0x42: {
        // BINBYTES
        const size = this.count4();
        return size >= 0 && (w.skip(size) || this.short()) && this.push(at + 1);
      }
      case 0x8e: {
        // BINBYTES8
        const size = this.count8();
        return size >= 0 && (w.skip(size) || this.short()) && this.push(at + 1);
      }
      case 0x96: {
        // BYTEARRAY8
        const size = this.count8();
        return size >= 0 && (w.skip(size) || this.short()) && this.push(objectAt(at, objectKind.bytearray));
      }
      case 0x55: // SHORT_BINSTRING
        if (w.pos + 1 > w.end && !w.need(1)) return this.short();
        return this.oldString(w.buf[w.pos++]!, at);
      case 0x54: {
        // BINSTRING
        const size = this.count4();
        return size < 0 ? false : this.oldString(size, at);
      }
      case 0x8a: // LONG1
        if (w.pos + 1 > w.end && !w.need(1)) return this.short();
        return (w.skipWhole(w.buf[w.pos++]!) || this.short()) && this.push(at + 1);
      case 0x8b: {
        // LONG4: the count is signed
        const size = this.count4();
        if (size < 0) return false;
        if (size > 0x7fffffff) return this.error("LONG pickle has negative byte count");
        return (w.skipWhole(size) || this.short()) && this.push(at + 1);
      }
      case 0x5d: // EMPTY_LIST
        return this.push(objectAt(at, objectKind.list));
      case 0x7d: // EMPTY_DICT
        return this.newDict(at, 0, 0);
      case 0x8f: // EMPTY_SET
        return this.push(objectAt(at, objectKind.set));
      case 0x29: // EMPTY_TUPLE
        return this.newTuple(at, this.sp);
      case 0x85: // TUPLE1
        return this.sp - 1 < this.fence ? this.underflow() : this.newTuple(at, this.sp - 1);
      case 0x86: // TUPLE2
        return this.sp - 2 < this.fence ? this.underflow() : this.newTuple(at, this.sp - 2);
      case 0x87: // TUPLE3
        return this.sp - 3 < this.fence ? this.underflow() : this.newTuple(at, this.sp - 3);
      case 0x74: {
        // TUPLE
        const mark = this.marker();
        return mark < 0 ? false : this.newTuple(at, mark);
      }
      case 0x6c: {
        // LIST
        const mark = this.marker();
        return mark < 0 ? false : this.collect(objectAt(at, objectKind.list), mark);
      }
      case 0x91: {
        // FROZENSET
        const mark = this.marker();
        return mark < 0 ? false : this.collect(objectAt(at, objectKind.frozenset), mark);
      }
      case 0x64: {
        // DICT
        const mark = this.marker();
        if (mark < 0) return false;
        if ((this.sp - mark) % 2 !== 0) return this.error("odd number of items for DICT");
        return this.newDict(at, mark, this.sp - mark);
      }
      case 0x68: // BINGET
        if (w.pos + 1 > w.end && !w.need(1)) return this.short();
        return this.recall(w.buf[w.pos++]!);
      case 0x6a: {
        // LONG_BINGET
        const index = this.count4();
        return index < 0 ? false : this.recall(index);
      }
      case 0x71: // BINPUT
        if (w.pos + 1 > w.end && !w.need(1)) return this.short();
        return this.memorize(w.buf[w.pos++]!);
      case 0x72: {
        // LONG_BINPUT
        const index = this.count4();
        return index < 0 ? false : this.memorize(index);
      }
      case 0x94: // MEMOIZE
        return this.memorize(this.memo.count);
      case 0x61: // APPEND
        if (this.sp - 1 <= this.fence) return this.underflow();
        return this.append(code, at, this.sp - 1);
      case 0x65: {
        // APPENDS
        const mark = this.marker();
        return mark < 0 ? false : this.append(code, at, mark);
      }
      case 0x73: // SETITEM
        return this.setItems(code, at, this.sp - 2);
      case 0x75: {
        // SETITEMS
        const mark = this.marker();
        return mark < 0 ? false : this.setItems(code, at, mark);
      }
      case 0x90: {
        // ADDITEMS
        const mark = this.marker();
        return mark < 0 ? false : this.addItems(at, mark);
      }
      default:
        return this.rare(code, at);
    }
  }

  /** The opcodes that take names, text or calls. */
  private rare(code: number, at: number): boolean {
    const w = this.w;
    switch (code) {
      case 0x80: // PROTO
        if (!w.need(1)) return this.short();
        if (w.buf[w.pos++]! > 5) return this.error(`unsupported pickle protocol: ${w.buf[w.pos - 1]}`);
        this.protocol = w.buf[w.pos - 1]!;
        return true;
      case 0x95: {
        // FRAME
        const length = this.count8();
        return length >= 0 && (w.enterFrame(length) || this.short());
      }
      case 0x52: // REDUCE
        return this.reduce(at);
      case 0x81: // NEWOBJ
      case 0x92: // NEWOBJ_EX
        return this.newObject(code, at);
      case 0x6f: // OBJ
        return this.obj(at);
      case 0x69: // INST
        return this.inst(at);
      case 0x63: // GLOBAL
        return this.globalLines(at);
      case 0x93: // STACK_GLOBAL
        return this.stackGlobal(at);
      case 0x62: // BUILD
        return this.build(at);
      case 0x49: // INT
      case 0x4c: // LONG
      case 0x46: // FLOAT
        return this.numberLine(code, at);
      case 0x53: // STRING
      case 0x56: // UNICODE
        return this.textLine(code, at);
      case 0x67: // GET
      case 0x70: {
        // PUT
        const quick = this.plainIndex();
        if (quick >= 0) return code === 0x70 ? this.memorize(quick) : this.recall(quick);
        const line = this.takeLine(2, 4096);
        if (line === undefined) return false;
        if (code === 0x70 && this.sp <= this.fence) return this.underflow();
        const index = parsePyLong(line, 10);
        if (line.includes("\0")) this.diverges(at);
        if (!index.ok) return this.error(index.error);
        if (index.value < 0n || index.value > 2n ** 62n) {
          return this.error(code === 0x70 ? "negative PUT argument" : "Memo value not found");
        }
        return code === 0x70 ? this.memorize(Number(index.value)) : this.recall(Number(index.value));
      }
      case 0x50: // PERSID
      case 0x51: // BINPERSID
        return this.persistent(code, at);
      case 0x82: // EXT1
      case 0x83: // EXT2
      case 0x84: // EXT4
        return this.extension(code, at);
      case 0x97: // NEXT_BUFFER
        if (this.options.strict) return this.error("not enough out-of-band buffers");
        return this.push(objectAt(at, objectKind.buffer));
      case 0x98: // READONLY_BUFFER
        return this.readOnly();
      default:
        return this.error(`invalid load key, 0x${code.toString(16).padStart(2, "0")}`);
    }
  }
}
