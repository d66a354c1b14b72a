import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { FlatBuffer } from "../flatbuffers/table.ts";
import type { Table } from "../flatbuffers/table.ts";
import { flawList } from "../reading/flaw.ts";
import type { Flaw } from "../reading/flaw.ts";
import { gapOf } from "../reading/gap.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { operatorTable } from "../reading/operator-groups.ts";
import type { KnownOperator } from "../reading/operator-groups.ts";
import { leavesFolder } from "../reading/outside-path.ts";
import { Window } from "../reading/window.ts";
import { operatorGroups as tensorflowGroups } from "../tensorflow/operators.gen.ts";
import { builtinNames } from "./builtin-names.ts";
import { readFlexOptions } from "./flex.ts";
import { operatorGroups } from "./operators.gen.ts";

/** An operator the model uses: "builtin:CONV_2D", "custom:Name", "flex:TensorFlowName". */
export interface TfliteUse {
  readonly id: string;
  readonly count: number;
  readonly offset: number;
  readonly known: KnownOperator | undefined;
}

/** A TensorFlow Lite model without its weights. */
export interface TfliteFile {
  readonly version: number;
  readonly operators: readonly TfliteUse[];
  readonly tensors: number;
  readonly metadata: readonly string[];
  /** What follows the model: by convention a zip archive with the files its metadata speaks of. */
  readonly tail: { readonly offset: number; readonly length: number } | undefined;
  readonly flaws: readonly Flaw[];
  readonly gaps: readonly Gap[];
}

/** Bytes per element of the tensor types; 0 where it is not fixed. */
const typeBits: readonly number[] = [32, 16, 32, 8, 64, 0, 8, 16, 64, 8, 64, 128, 64, 0, 0, 32, 16, 4, 16, 2, 4];
const custom = 32;
const longestOptions = 1024 * 1024;

interface OperatorCode {
  readonly id: string;
  readonly custom: string | undefined;
}

interface Stored {
  /** Bytes in the buffer; undefined when it is empty. */
  readonly length: bigint | undefined;
}

/**
 * Reads a TensorFlow Lite model with every offset checked, so that nothing it says is trusted; weights are not read.
 * Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
 * @throws MALFORMED without the identifier "TFL3"
 */
export function parseTflite(source: ByteSource, meter: Meter): TfliteFile {
  const window = new Window(source, "TensorFlow Lite");
  if (source.size < 12 || window.u32(4) !== 0x334c4654)
    fail("MALFORMED", 'Not a TensorFlow Lite model: "TFL3" is missing');
  const walker = new TfliteWalker(new FlatBuffer(window, meter));
  try {
    walker.model();
  } catch (error) {
    const gap = gapOf(error);
    walker.gaps.push(gap);
    walker.list.add({ rule: "bounds", severity: "high", why: gap.why });
  }
  return walker.finish();
}

class TfliteWalker {
  readonly list = flawList();
  readonly gaps: Gap[] = [];
  readonly #buffer: FlatBuffer;
  readonly #uses = new Map<string, TfliteUse>();
  readonly #metadata: string[] = [];
  readonly #known = operatorTable(operatorGroups);
  readonly #tensorflow = operatorTable(tensorflowGroups);
  #version = 0;
  #tensors = 0;
  #complete = false;

  constructor(buffer: FlatBuffer) {
    this.#buffer = buffer;
  }

  model(): void {
    const flat = this.#buffer;
    const model = flat.root();
    this.#version = flat.u32(model, 0);
    if (model.fields.length > 10)
      this.gaps.push({ why: "the model has fields that its schema does not know", offset: model.at });
    const codes = [...flat.tables(model, 1)].map((code) => this.#code(code));
    flat.text(model, 3);
    const stored = [...flat.tables(model, 4)].map((buffer) => this.#stored(buffer));
    for (const graph of flat.tables(model, 2)) this.#graph(graph, codes, stored);
    flat.vector(model, 5, 4);
    for (const entry of flat.tables(model, 6)) {
      const name = flat.text(entry, 0);
      this.#index(flat.u32(entry, 1), stored.length, "metadata buffer", entry.at);
      if (this.#metadata.length < 100) this.#metadata.push(name.slice(0, 200));
    }
    for (const signature of flat.tables(model, 7)) this.#signature(signature);
    for (const group of flat.tables(model, 8)) this.#external(flat.text(group, 0), group.at);
    for (const _ of flat.tables(model, 9)) flat.meter.tick();
    this.#complete = true;
  }

  finish(): TfliteFile {
    for (const { id, known, offset } of this.#uses.values()) {
      const name = JSON.stringify(id.slice(0, 100));
      if (!known)
        this.gaps.push({ why: `the operator ${name} is not known: code from elsewhere would run it`, offset });
      else if (known.effect === "native")
        this.gaps.push({ why: `the operator ${name} was not examined: ${known.why}`, offset });
    }
    return {
      version: this.#version,
      operators: [...this.#uses.values()],
      tensors: this.#tensors,
      metadata: this.#metadata,
      tail: this.#complete ? this.#tail() : undefined,
      flaws: this.list.flaws,
      gaps: this.gaps,
    };
  }

  #code(code: Table): OperatorCode {
    const flat = this.#buffer;
    const old = (flat.u8(code, 0) << 24) >> 24;
    const number = Math.max(old, flat.i32(code, 3));
    const name = flat.text(code, 1);
    flat.meter.hold(200);
    if (number === custom) return { id: `custom:${name}`, custom: name };
    return { id: `builtin:${builtinNames[number] ?? number}`, custom: undefined };
  }

  #stored(buffer: Table): Stored {
    const flat = this.#buffer;
    flat.meter.hold(50);
    const data = flat.vector(buffer, 0, 1);
    const offset = flat.u64(buffer, 1);
    const size = flat.u64(buffer, 2);
    if (offset > 1n) {
      if (offset + size > BigInt(flat.window.size)) {
        this.list.add({
          rule: "bounds",
          severity: "high",
          why: `a buffer of ${size} bytes at ${offset} lies outside the file`,
          offset: buffer.at,
        });
      } else flat.end = Math.max(flat.end, Number(offset + size));
      return { length: size };
    }
    return { length: data && data.length > 0 ? BigInt(data.length) : undefined };
  }

  #graph(graph: Table, codes: readonly OperatorCode[], stored: readonly Stored[]): void {
    const flat = this.#buffer;
    let tensors = 0;
    for (const tensor of flat.tables(graph, 0)) {
      tensors++;
      this.#tensor(tensor, stored);
    }
    this.#tensors += tensors;
    for (const field of [1, 2]) this.#indices(graph, field, tensors);
    for (const operator of flat.tables(graph, 3)) this.#operator(operator, codes, tensors);
    flat.text(graph, 4);
  }

  #tensor(tensor: Table, stored: readonly Stored[]): void {
    const flat = this.#buffer;
    const index = flat.u32(tensor, 2);
    this.#index(index, stored.length, "buffer of a tensor", tensor.at);
    const type = flat.u8(tensor, 1);
    const bits = typeBits[type];
    flat.text(tensor, 3);
    if (bits === undefined) this.gaps.push({ why: `a tensor has the unknown type ${type}`, offset: tensor.at });
    const shape = flat.vector(tensor, 0, 4);
    let elements = 1n;
    const axes = shape?.length ?? 0;
    for (let axis = 0; axis < axes; axis++) {
      const size = flat.window.i32((shape?.at ?? 0) + 4 * axis);
      if (size < 0) return; // decided when the model runs
      elements *= BigInt(size);
      if (elements > 2n ** 62n) {
        this.list.add({ rule: "shape", severity: "high", why: "a tensor's shape overflows", offset: tensor.at });
        return;
      }
    }
    const length = stored[index]?.length;
    const sparse = flat.place(tensor, 6) !== undefined;
    if (!bits || sparse || length === undefined) return;
    const needed = (elements * BigInt(bits) + 7n) / 8n;
    if (needed !== length) {
      this.list.add({
        rule: "size",
        severity: "medium",
        why: `a tensor needs ${needed} bytes for its shape, but its buffer has ${length}`,
        offset: tensor.at,
      });
    }
  }

  #operator(operator: Table, codes: readonly OperatorCode[], tensors: number): void {
    const flat = this.#buffer;
    const index = flat.u32(operator, 0);
    this.#index(index, codes.length, "operator code", operator.at);
    for (const field of [1, 2]) this.#indices(operator, field, tensors);
    const code = codes[index];
    if (!code) return;
    const options = flat.vector(operator, 5, 1);
    const large = [flat.u64(operator, 9), flat.u64(operator, 10)] as const;
    if (large[0] > 1n) {
      if (large[0] + large[1] > BigInt(flat.window.size)) {
        this.list.add({
          rule: "bounds",
          severity: "high",
          why: `options of ${large[1]} bytes at ${large[0]} lie outside the file`,
          offset: operator.at,
        });
      } else flat.end = Math.max(flat.end, Number(large[0] + large[1]));
    }
    if (code.custom === undefined || !code.custom.startsWith("Flex")) {
      // TensorFlow's own names may stand here as well; what would touch more than tensors is known by them.
      const same = this.#tensorflow.get(code.custom ?? "");
      const known =
        this.#known.get(code.id) ?? (same && same.effect !== "pure" && same.effect !== "state" ? same : undefined);
      this.#use(code.id, known, operator.at);
      return;
    }
    const named = code.custom.slice(4);
    const bytes =
      options && options.length <= longestOptions ? flat.window.bytes(options.at, options.length) : undefined;
    const flex = bytes && readFlexOptions(bytes);
    this.#use(`flex:${named}`, this.#flexEffect(named, flex?.definition), operator.at);
    if (!flex)
      this.gaps.push({
        why: `the options of a TensorFlow operator (Flex${named.slice(0, 60)}) could not be read`,
        offset: operator.at,
      });
    else if (flex.op !== named) {
      this.list.add({
        rule: "flex-name",
        severity: "high",
        why: `an operator is called ${JSON.stringify(code.custom.slice(0, 60))}, but runs TensorFlow's ${JSON.stringify(flex.op.slice(0, 60))}`,
        offset: operator.at,
      });
      this.#use(`flex:${flex.op}`, this.#flexEffect(flex.op, flex.definition), operator.at);
    }
  }

  /** What a TensorFlow operator does with these attributes. */
  #flexEffect(op: string, definition = ""): KnownOperator | undefined {
    if (op === "PrintV2" && definition.includes("file:"))
      return { effect: "writes", why: "it writes to the file in its attribute" };
    if (/^(?:DecodeProtoV2|EncodeProto)$/.test(op) && !definition.includes("local://")) {
      return { effect: "reads", why: "it reads message descriptions from a file" };
    }
    return this.#tensorflow.get(op);
  }

  #use(id: string, known: KnownOperator | undefined, offset: number): void {
    const use = this.#uses.get(id);
    this.#buffer.meter.hold(use ? 0 : 300);
    this.#uses.set(id, use ? { ...use, count: use.count + 1 } : { id, count: 1, offset, known });
  }

  #signature(signature: Table): void {
    const flat = this.#buffer;
    for (const field of [0, 1]) for (const entry of flat.tables(signature, field)) flat.text(entry, 0);
    flat.text(signature, 2);
  }

  /** Weights in other files, by name. */
  #external(path: string, offset: number): void {
    const why = leavesFolder(path);
    this.list.add({
      rule: "external-path",
      severity: why ? "high" : "low",
      why: `weights are read from the file ${JSON.stringify(path.slice(0, 200))}${why ? `: ${why}` : ""}`,
      offset,
    });
  }

  /** Every number of the field must name one of `count` tensors, or none (-1): kernels use them as they are. */
  #indices(table: Table, field: number, count: number): void {
    const flat = this.#buffer;
    const vector = flat.vector(table, field, 4);
    if (!vector) return;
    for (let at = 0; at < vector.length; at++) {
      if ((at & 1023) === 1023) flat.meter.tick();
      const index = flat.window.i32(vector.at + 4 * at);
      if (index !== -1) this.#index(index, count, "tensor", vector.at + 4 * at);
    }
  }

  #index(index: number, count: number, what: string, offset: number): void {
    if (index >= 0 && index < count) return;
    this.list.add({
      rule: "index",
      severity: "high",
      why: `the number ${index} of a ${what} is out of range (there are ${count})`,
      offset,
    });
  }

  #tail(): { offset: number; length: number } | undefined {
    const { end, window, meter } = this.#buffer;
    const length = window.size - end;
    // Padding to the next 16 bytes belongs to the buffer.
    if (length <= 0 || (length < 16 && window.zeros(end, length, () => meter.tick()))) return undefined;
    const head = window.bytes(end, Math.min(64, length));
    const start = head.findIndex(
      (_, index) => head[index] === 0x50 && head[index + 1] === 0x4b && head[index + 2] === 3,
    );
    const tail = { offset: end + Math.max(0, start), length: length - Math.max(0, start) };
    if (start < 0) {
      const why = `${length} bytes after the model belong to nothing in it`;
      this.list.add({ rule: "trailing", severity: "medium", why, offset: end, length });
      this.gaps.push({ why, offset: end, length });
    }
    return tail;
  }
}
