import type { Handle } from "./handle.ts";
import { absent, globalIndex, isConstant, isGlobal, madeAt } from "./handle.ts";
import type { Machine } from "./machine.ts";
import type { Values } from "./values.ts";

const textLimit = 120;
const depthLimit = 4;
const itemLimit = 12;

/** Writes a value as a Python programmer would, as far as it is known, in a bounded length. */
export class Describer {
  private readonly machine: Machine;
  private readonly values: Values;

  constructor(machine: Machine, values: Values) {
    this.machine = machine;
    this.values = values;
  }

  value(handle: Handle, depth = 0): string {
    if (handle === absent) return "?";
    if (isConstant(handle)) return this.constant(madeAt(handle));
    if (isGlobal(handle)) {
      const { module, name } = this.values.globals[globalIndex(handle)]!;
      return escaped(`${module}.${name}`);
    }
    const kind = this.machine.kind(handle);
    if (kind === "tuple")
      return depth > depthLimit ? "(…)" : this.items(this.machine.tuples.get(handle), "(", ")", depth);
    if (kind === "dict") return depth > depthLimit ? "{…}" : this.pairs(handle, depth);
    if (kind === "object") {
      const origin = this.values.origin(handle);
      if (origin?.callee !== undefined && depth < depthLimit) {
        const args = origin.args === undefined ? "(…)" : this.value(origin.args, depth + 2);
        return `${this.value(origin.callee, depth + 1)}${args.startsWith("(") ? args : `(*${args})`}`;
      }
      return `<object made at ${madeAt(handle)}>`;
    }
    return kind === "list" ? "[…]" : `<${kind} made at ${madeAt(handle)}>`;
  }

  private items(values: readonly Handle[] | undefined, open: string, close: string, depth: number): string {
    if (values === undefined) return `${open}…${close}`;
    const shown = values.slice(0, itemLimit).map((value) => this.value(value, depth + 1));
    if (values.length > itemLimit) shown.push("…");
    return `${open}${shown.join(", ")}${values.length === 1 && open === "(" ? "," : ""}${close}`;
  }

  private pairs(handle: Handle, depth: number): string {
    const values = this.machine.dicts.get(handle);
    if (values === undefined) return "{…}";
    const shown: string[] = [];
    for (let i = 0; i + 1 < values.length && shown.length < itemLimit; i += 2) {
      shown.push(`${this.value(values[i]!, depth + 1)}: ${this.value(values[i + 1]!, depth + 1)}`);
    }
    if (values.length > 2 * itemLimit) shown.push("…");
    return `{${shown.join(", ")}}`;
  }

  private constant(offset: number): string {
    const { constants } = this.machine;
    const code = constants.code(offset);
    switch (code) {
      case 0x4e:
        return "None";
      case 0x88:
        return "True";
      case 0x89:
        return "False";
      case 0x46:
      case 0x47:
        return String(constants.float(offset) ?? "float");
      case 0x42:
      case 0x43:
      case 0x8e: {
        const extent = constants.extent(offset);
        const bytes = constants.bytes(offset, textLimit);
        if (bytes === undefined) return `<${extent?.length ?? "?"} bytes at ${extent?.start ?? offset}>`;
        return `b${JSON.stringify(Buffer.from(bytes).toString("latin1"))}`;
      }
      default: {
        const text = constants.text(offset);
        if (text !== undefined) return quoted(text);
        const integer = constants.integer(offset);
        if (integer === undefined) return `<value at ${offset}>`;
        if (typeof integer === "boolean") return integer ? "True" : "False";
        const digits = String(integer);
        return digits.length > textLimit ? `${digits.slice(0, textLimit)}…` : digits;
      }
    }
  }
}

function quoted(text: string): string {
  return escaped(JSON.stringify(text.length > textLimit ? `${text.slice(0, textLimit)}…` : text));
}

/** Text with every letter a terminal or a reader could be fooled by written as an escape. */
export function escaped(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`);
}

/** Cut to `limit` letters, with an ellipsis when something was cut. */
export function cutTo(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}
