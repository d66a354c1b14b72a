import { kindOfObject, objectAt, objectKind } from "./handle.ts";
import { ObjectMachine } from "./object-machine.ts";

/** The fast way through the opcodes that most of a pickle consists of. */
export abstract class SprintMachine extends ObjectMachine {
  /**
   * Runs the opcodes that most of a pickle consists of, for as long as they come, need no refill and cannot fail. It does
   * nothing that `step` would not do; it only keeps its state in local variables.
   */
  protected sprint(checkpoint: number): void {
    const { w, memo, judge } = this;
    const { buf, base, end } = w;
    const { stack } = this;
    const room = stack.length - 1;
    let { fence } = this;
    let { pos } = w;
    let { sp } = this;
    let left = checkpoint - this.opcodes;
    const allowed = left;
    // The longest opcode taken here has nine bytes before its payload.
    const last = end - 9;
    run: for (; pos < last && sp < room && left > 0; left--) {
      switch (buf[pos]!) {
        case 0x4e: // NONE
        case 0x88: // NEWTRUE
        case 0x89: // NEWFALSE
          stack[sp++] = base + pos + 1;
          pos += 1;
          continue;
        case 0x4b: // BININT1
          stack[sp++] = base + pos + 1;
          pos += 2;
          continue;
        case 0x4d: // BININT2
          stack[sp++] = base + pos + 1;
          pos += 3;
          continue;
        case 0x4a: // BININT
          stack[sp++] = base + pos + 1;
          pos += 5;
          continue;
        case 0x47: // BINFLOAT
          stack[sp++] = base + pos + 1;
          pos += 9;
          continue;
        case 0x8c: {
          // SHORT_BINUNICODE, plain ASCII in the window
          const stop = pos + 2 + buf[pos + 1]!;
          if (stop > end) break run;
          let at = pos + 2;
          while (at < stop && buf[at]! < 0x80) at++;
          if (at < stop) break run;
          stack[sp++] = base + pos + 1;
          pos = stop;
          continue;
        }
        case 0x58: {
          // BINUNICODE of less than 256 bytes, plain ASCII in the window
          if ((buf[pos + 2]! | buf[pos + 3]! | buf[pos + 4]!) !== 0) break run;
          const stop = pos + 5 + buf[pos + 1]!;
          if (stop > end) break run;
          let at = pos + 5;
          while (at < stop && buf[at]! < 0x80) at++;
          if (at < stop) break run;
          stack[sp++] = base + pos + 1;
          pos = stop;
          continue;
        }
        case 0x94: // MEMOIZE
          if (sp <= fence || !memo.put(memo.count, stack[sp - 1]!)) break run;
          pos += 1;
          continue;
        case 0x71: // BINPUT
          if (sp <= fence || !memo.put(buf[pos + 1]!, stack[sp - 1]!)) break run;
          pos += 2;
          continue;
        case 0x72: {
          // LONG_BINPUT
          const index = buf[pos + 1]! + buf[pos + 2]! * 0x100 + buf[pos + 3]! * 0x10000 + buf[pos + 4]! * 0x1000000;
          if (sp <= fence || !memo.put(index, stack[sp - 1]!)) break run;
          pos += 5;
          continue;
        }
        case 0x68: {
          // BINGET
          const value = memo.get(buf[pos + 1]!);
          if (value === 0) break run;
          stack[sp++] = value;
          pos += 2;
          continue;
        }
        case 0x6a: {
          // LONG_BINGET
          const index = buf[pos + 1]! + buf[pos + 2]! * 0x100 + buf[pos + 3]! * 0x10000 + buf[pos + 4]! * 0x1000000;
          const value = memo.get(index);
          if (value === 0) break run;
          stack[sp++] = value;
          pos += 5;
          continue;
        }
        case 0x5d: // EMPTY_LIST
          stack[sp++] = objectAt(base + pos, objectKind.list);
          pos += 1;
          continue;
        case 0x85: // TUPLE1
        case 0x86: // TUPLE2
        case 0x87: {
          // TUPLE3
          const from = sp - (buf[pos]! - 0x84);
          if (from < fence) break run;
          const tuple = objectAt(base + pos, objectKind.tuple);
          this.tuples.set(tuple, stack, from, sp - from);
          if (judge.watching) judge.hold(tuple, stack, from, sp - from);
          stack[from] = tuple;
          sp = from + 1;
          pos += 1;
          continue;
        }
        case 0x49: // INT
        case 0x4c: // LONG
        case 0x46: // FLOAT
          w.pos = pos + 1;
          if (!this.plainNumber(buf[pos]!)) break run;
          stack[sp++] = base + pos + 1;
          pos = w.pos;
          continue;
        case 0x53: // STRING
        case 0x56: // UNICODE
          w.pos = pos + 1;
          if (!this.plainText(buf[pos] === 0x53)) break run;
          stack[sp++] = base + pos + 1;
          pos = w.pos;
          continue;
        case 0x70: {
          // PUT
          w.pos = pos + 1;
          const index = this.plainIndex();
          if (index < 0 || sp <= fence || !memo.put(index, stack[sp - 1]!)) break run;
          pos = w.pos;
          continue;
        }
        case 0x67: {
          // GET
          w.pos = pos + 1;
          const index = this.plainIndex();
          const value = index < 0 ? 0 : memo.get(index);
          if (value === 0) break run;
          stack[sp++] = value;
          pos = w.pos;
          continue;
        }
        case 0x28: // MARK
          if (this.mp === this.marks.length) break run;
          this.marks[this.mp++] = fence = sp;
          pos += 1;
          continue;
        case 0x7d: {
          // EMPTY_DICT
          const dict = objectAt(base + pos, objectKind.dict);
          this.dicts.set(dict, stack, sp, 0);
          stack[sp++] = dict;
          pos += 1;
          continue;
        }
        case 0x29: {
          // EMPTY_TUPLE
          const tuple = objectAt(base + pos, objectKind.tuple);
          this.tuples.set(tuple, stack, sp, 0);
          stack[sp++] = tuple;
          pos += 1;
          continue;
        }
        case 0x61: {
          // APPEND to a list
          if (sp - 2 < fence) break run;
          const target = stack[sp - 2]!;
          if (kindOfObject(target) !== objectKind.list) break run;
          if (judge.watching) judge.hold(target, stack, sp - 1, 1);
          sp -= 1;
          pos += 1;
          continue;
        }
        case 0x65: {
          // APPENDS to a list
          if (this.mp < 1) break run;
          const from = this.marks[this.mp - 1]!;
          const below = this.mp > 1 ? this.marks[this.mp - 2]! : 0;
          if (from <= below || kindOfObject(stack[from - 1]!) !== objectKind.list) break run;
          if (judge.watching) judge.hold(stack[from - 1]!, stack, from, sp - from);
          this.mp--;
          fence = below;
          sp = from;
          pos += 1;
          continue;
        }
        case 0x73: {
          // SETITEM of a dictionary
          const from = sp - 2;
          if (from <= fence || kindOfObject(stack[from - 1]!) !== objectKind.dict) break run;
          this.dicts.add(stack[from - 1]!, stack, from, 2);
          if (judge.watching) judge.hold(stack[from - 1]!, stack, from, 2);
          sp = from;
          pos += 1;
          continue;
        }
        case 0x75: {
          // SETITEMS of a dictionary
          if (this.mp < 1) break run;
          const from = this.marks[this.mp - 1]!;
          const below = this.mp > 1 ? this.marks[this.mp - 2]! : 0;
          if (from <= below || (sp - from) % 2 !== 0 || kindOfObject(stack[from - 1]!) !== objectKind.dict) break run;
          if (sp > from) {
            this.dicts.add(stack[from - 1]!, stack, from, sp - from);
            if (judge.watching) judge.hold(stack[from - 1]!, stack, from, sp - from);
          }
          this.mp--;
          fence = below;
          sp = from;
          pos += 1;
          continue;
        }
        case 0x74: {
          // TUPLE
          if (this.mp < 1) break run;
          const from = this.marks[--this.mp]!;
          fence = this.mp > 0 ? this.marks[this.mp - 1]! : 0;
          const tuple = objectAt(base + pos, objectKind.tuple);
          this.tuples.set(tuple, stack, from, sp - from);
          if (judge.watching) judge.hold(tuple, stack, from, sp - from);
          stack[from] = tuple;
          sp = from + 1;
          pos += 1;
          continue;
        }
        default:
          break run;
      }
    }
    w.pos = pos;
    this.sp = sp;
    this.fence = fence;
    this.opcodes += allowed - left;
  }
}
