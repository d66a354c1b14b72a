import type { Handle } from "../../../src/formats/pickle/handle.ts";
import { globalAt, globalIndex, isGlobal, objectAt, objectKind } from "../../../src/formats/pickle/handle.ts";
import type { Machine } from "../../../src/formats/pickle/machine.ts";
import type { EffectJudge } from "../../../src/formats/pickle/machine-port.ts";
import { opcodeOf } from "../../../src/formats/pickle/opcodes.ts";

/** Notes what the machine would import and call, in the words of the oracle. */
export class RecordingJudge implements EffectJudge {
  readonly watching = false;
  readonly gaps = false;
  readonly events: (string | number)[][] = [];
  private readonly machine: Machine;
  private readonly names: string[] = [];
  private readonly pairs: (readonly [string, string])[] = [];
  private readonly instances = new Map<Handle, string>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  global(_offset: number, _protocol: number, module: string, name: string): Handle {
    this.events.push(["find", module, name]);
    this.names.push(`${module} ${name}`);
    this.pairs.push([module, name]);
    return globalAt(this.names.length - 1);
  }

  again(_offset: number, global: Handle): void {
    this.events.push(["find", ...this.pairs[globalIndex(global)]!]);
  }

  unnamed(offset: number): Handle {
    return this.global(offset, 0, "?", "?");
  }

  call(offset: number, opcode: number, callee: Handle, args: Handle): Handle {
    const result = objectAt(offset, objectKind.object);
    const name = this.nameOf(callee);
    const op = opcodeOf(opcode)?.name;
    const bare =
      op === "NEWOBJ" || op === "NEWOBJ_EX" || (op !== "REDUCE" && this.machine.tuples.get(args)?.length === 0);
    if (isGlobal(callee)) this.events.push([bare ? "new" : "call", name]);
    else this.events.push(["call", "instance"]);
    this.instances.set(result, name);
    return result;
  }

  build(_offset: number, target: Handle): void {
    this.events.push(["setstate", this.nameOf(target)]);
  }

  mutate(_offset: number, opcode: number, target: Handle, _values: Float64Array, _start: number, count: number): void {
    const name = this.nameOf(target);
    if (name === "?") return; // a plain list or bytearray
    const op = opcodeOf(opcode)?.name;
    if (op === "APPEND" || op === "APPENDS") this.events.push(["extend", name, count]);
    else
      for (let i = 0; i < (op === "ADDITEMS" ? count : count / 2); i++)
        this.events.push([op === "ADDITEMS" ? "add" : "setitem", name]);
  }

  hold(): void {}

  persistent(offset: number): Handle {
    return objectAt(offset, objectKind.object);
  }

  maybeText(): boolean {
    return false;
  }

  gapAfter(): undefined {
    return undefined;
  }

  private nameOf(value: Handle): string {
    return isGlobal(value) ? this.names[globalIndex(value)]! : (this.instances.get(value) ?? "?");
  }
}
