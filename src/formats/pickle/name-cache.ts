import type { Handle } from "./handle.ts";
import { absent } from "./handle.ts";

const slots = 512;
const longest = 200;

/**
 * Globals by the bytes of their names, so that a name that is written out again and again is not decoded and looked up each
 * time. Direct-mapped; what is not found is looked up in the ordinary way.
 */
export class NameCache {
  private readonly keys: (Uint8Array | undefined)[] = Array.from({ length: slots }, () => undefined);
  private readonly values = new Float64Array(slots);
  private slot = 0;

  /**
   * The global whose module is `buf` from `module` (`moduleSize` bytes) and whose name is at `name`, or `absent`. `mapped` tells
   * apart names that go through the table of Python 2's names.
   */
  get(buf: Uint8Array, module: number, moduleSize: number, name: number, nameSize: number, mapped: boolean): Handle {
    if (moduleSize + nameSize > longest) return absent;
    let hash = mapped ? 1 : 2;
    for (let i = 0; i < moduleSize; i++) hash = (hash * 31 + buf[module + i]!) | 0;
    hash = (hash * 31 + 10) | 0;
    for (let i = 0; i < nameSize; i++) hash = (hash * 31 + buf[name + i]!) | 0;
    this.slot = (hash ^ (hash >>> 15)) & (slots - 1);
    const key = this.keys[this.slot];
    if (key === undefined || key.length !== moduleSize + nameSize + 2 || key[0] !== (mapped ? 1 : 2)) return absent;
    for (let i = 0; i < moduleSize; i++) if (key[i + 1] !== buf[module + i]) return absent;
    if (key[moduleSize + 1] !== 10) return absent;
    for (let i = 0; i < nameSize; i++) if (key[moduleSize + 2 + i] !== buf[name + i]) return absent;
    return this.values[this.slot]!;
  }

  /** Keeps the answer to the last `get` with these arguments. */
  set(
    buf: Uint8Array,
    module: number,
    moduleSize: number,
    name: number,
    nameSize: number,
    mapped: boolean,
    value: Handle,
  ): void {
    if (moduleSize + nameSize > longest) return;
    const key = new Uint8Array(moduleSize + nameSize + 2);
    key[0] = mapped ? 1 : 2;
    key.set(buf.subarray(module, module + moduleSize), 1);
    key[moduleSize + 1] = 10;
    key.set(buf.subarray(name, name + nameSize), moduleSize + 2);
    this.keys[this.slot] = key;
    this.values[this.slot] = value;
  }
}
