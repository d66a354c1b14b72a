import type { ByteSource } from "../../core/byte-source.ts";
import { MessageReader } from "../protobuf/read.ts";
import type { Span } from "../protobuf/read.ts";
import { flawList } from "../reading/flaw.ts";
import type { Flaw } from "../reading/flaw.ts";
import { gapOf } from "../reading/gap.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { operatorTable } from "../reading/operator-groups.ts";
import type { KnownOperator } from "../reading/operator-groups.ts";
import { leavesFolder } from "../reading/outside-path.ts";
import { Window } from "../reading/window.ts";
import { judgeExternal } from "./external-data.ts";
import type { ExternalReference } from "./external-data.ts";
import { judgeFunctions } from "./functions.ts";
import type { OnnxFunction } from "./functions.ts";
import { operatorGroups } from "./operators.gen.ts";
import {
  attributeProto,
  functionProto,
  graphProto,
  modelProto,
  nodeProto,
  operatorSetIdProto,
  sparseTensorProto,
  trainingInfoProto,
} from "./schema.ts";
import { looksLikeOnnx, looksLikeTensor } from "./recognise.ts";
import { readTensor } from "./tensor.ts";

/** An operator the model uses. */
export interface OperatorUse {
  /** "domain:name"; the standard's domain is "ai.onnx". */
  readonly id: string;
  readonly count: number;
  /** Where it is used first. */
  readonly offset: number;
  /** What is known of it; undefined for operators nobody examined. */
  readonly known: KnownOperator | undefined;
}

/** An ONNX model without its tensors. */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  readonly opsets: ReadonlyMap<string, number>;
  readonly operators: readonly OperatorUse[];
  readonly functions: readonly OnnxFunction[];
  readonly external: readonly ExternalReference[];
  readonly nodes: number;
  readonly tensors: number;
  readonly flaws: readonly Flaw[];
  readonly gaps: readonly Gap[];
}

const mostExternal = 250_000;

/**
 * Reads an ONNX model, or a tensor in a file of its own: its graphs, functions, nodes, attributes and the descriptions of its tensors, at any depth.
 * Source: https://github.com/onnx/onnx/blob/main/docs/IR.md
 */
export function parseOnnx(source: ByteSource, meter: Meter): OnnxModel {
  const { flaws, add } = flawList();
  const walker = new OnnxWalker(new MessageReader(new Window(source, "ONNX"), meter, add));
  try {
    const whole = { start: 0, end: source.size };
    if (looksLikeOnnx(source) === 0 && looksLikeTensor(source)) walker.tensor(whole);
    else walker.model(whole);
  } catch (error) {
    const gap = gapOf(error);
    walker.reader.gap(gap);
    add({ rule: "structure", severity: "medium", why: gap.why });
  }
  return { ...walker.finish(add), flaws, gaps: walker.reader.gaps };
}

class OnnxWalker {
  readonly reader: MessageReader;
  #irVersion = 0;
  #producer = "";
  #nodes = 0;
  #tensors = 0;
  readonly #opsets = new Map<string, number>();
  readonly #operators = new Map<string, { count: number; offset: number }>();
  readonly #functions: OnnxFunction[] = [];
  readonly #external: ExternalReference[] = [];
  readonly #texts: { readonly op: string; readonly name: string; readonly value: string; readonly offset: number }[] =
    [];
  /** Operators of the body being read. */
  #calls = new Map<string, number>();

  constructor(reader: MessageReader) {
    this.reader = reader;
  }

  model(span: Span): void {
    const { reader } = this;
    for (const field of reader.fields(span, modelProto, 0)) {
      switch (field.schema.name) {
        case "ir_version":
          this.#irVersion = Number(field.value);
          break;
        case "producer_name":
          this.#producer = reader.text(field);
          break;
        case "opset_import":
          this.#opset(field);
          break;
        case "graph":
          this.#graph(field, 1);
          break;
        case "functions":
          this.#function(field);
          break;
        case "training_info":
          for (const part of reader.fields(field, trainingInfoProto, 1)) {
            if (part.schema.name === "initialization" || part.schema.name === "algorithm") this.#graph(part, 2);
            else reader.accountField(part, 1);
          }
          break;
        default:
          reader.accountField(field, 0);
      }
    }
  }

  /** A tensor in a file of its own. */
  tensor(span: Span): void {
    this.#tensor(span, 0);
  }

  /** Judges the model as a whole. */
  finish(add: (flaw: Flaw) => void): Omit<OnnxModel, "flaws" | "gaps"> {
    const known = operatorTable(operatorGroups);
    for (const flaw of judgeFunctions(this.#functions, (id) => known.has(id), this.#calls)) add(flaw);
    const own = new Set(this.#functions.map(({ id }) => id));
    const operators: OperatorUse[] = [];
    for (const [id, { count, offset }] of this.#operators) {
      if (own.has(id) && !known.has(id)) continue;
      const use: OperatorUse = { id, count, offset, known: known.get(id) };
      operators.push(use);
      const shown = JSON.stringify(id.slice(0, 100));
      if (!use.known)
        this.reader.gap({ why: `the operator ${shown} is not known: code from elsewhere would run it`, offset });
      else if (use.known.effect !== "pure") this.reader.gap({ why: `the operator ${shown} ${use.known.why}`, offset });
    }
    for (const reference of this.#external) for (const flaw of judgeExternal(reference)) add(flaw);
    for (const { op, name, value, offset } of this.#texts) {
      const why = leavesFolder(value);
      if (why)
        add({
          rule: "external-context",
          severity: "high",
          why: `${op} loads its program from ${JSON.stringify(value.slice(0, 200))} (${name}): ${why}`,
          offset,
        });
    }
    return {
      irVersion: this.#irVersion,
      producer: this.#producer.slice(0, 200),
      opsets: this.#opsets,
      operators,
      functions: this.#functions,
      external: this.#external,
      nodes: this.#nodes,
      tensors: this.#tensors,
    };
  }

  #opset(span: Span): void {
    let domain = "";
    let version = 0;
    for (const field of this.reader.fields(span, operatorSetIdProto, 1)) {
      if (field.schema.name === "domain") domain = this.reader.text(field);
      else version = Number(field.value);
    }
    if (this.#opsets.size < 1000) this.#opsets.set(domain || "ai.onnx", version);
  }

  #graph(span: Span, depth: number): void {
    const { reader } = this;
    const names = new Set<string>();
    for (const field of reader.fields(span, graphProto, depth)) {
      switch (field.schema.name) {
        case "node":
          this.#node(field, depth + 1);
          break;
        case "initializer": {
          const name = this.#tensor(field, depth + 1);
          if (name !== "" && names.has(name)) {
            reader.flaw({
              rule: "duplicate-tensor",
              severity: "medium",
              why: `two tensors of one graph have the name ${JSON.stringify(name.slice(0, 100))}`,
              offset: field.offset,
            });
          }
          names.add(name);
          reader.meter.hold(100 + 2 * name.length);
          break;
        }
        case "sparse_initializer":
          this.#sparse(field, depth + 1);
          break;
        default:
          reader.accountField(field, depth);
      }
    }
  }

  #tensor(span: Span, depth: number): string {
    this.#tensors++;
    const { name, external } = readTensor(this.reader, span, depth);
    if (external && this.#external.length < mostExternal) {
      this.reader.meter.hold(
        external.entries.reduce((sum, { key, value }) => sum + 2 * (key.length + value.length) + 100, 400),
      );
      this.#external.push(external);
    }
    return name;
  }

  #sparse(span: Span, depth: number): void {
    for (const field of this.reader.fields(span, sparseTensorProto, depth)) {
      if (field.schema.name === "dims") this.reader.accountField(field, depth);
      else this.#tensor(field, depth + 1);
    }
  }

  #node(span: Span, depth: number): void {
    const { reader } = this;
    this.#nodes++;
    let name = "";
    let domain = "";
    const attributes: Span[] = [];
    for (const field of reader.fields(span, nodeProto, depth)) {
      if (field.schema.name === "op_type") name = reader.text(field, "an operator's name");
      else if (field.schema.name === "domain") domain = reader.text(field, "an operator's domain");
      else if (field.schema.name === "attribute") attributes.push(field);
      else reader.accountField(field, depth);
    }
    const id = `${domain || "ai.onnx"}:${name}`;
    const use = this.#operators.get(id);
    if (use) use.count++;
    else {
      reader.meter.hold(300 + 4 * id.length);
      this.#operators.set(id, { count: 1, offset: span.start });
    }
    this.#calls.set(id, (this.#calls.get(id) ?? 0) + 1);
    for (const attribute of attributes) this.#attribute(attribute, depth + 1, name === "EPContext" ? id : undefined);
  }

  #attribute(span: Span, depth: number, program: string | undefined): void {
    const { reader } = this;
    let name = "";
    let value: Span | undefined;
    for (const field of reader.fields(span, attributeProto, depth)) {
      switch (field.schema.name) {
        case "g":
        case "graphs":
          this.#graph(field, depth + 1);
          break;
        case "t":
        case "tensors":
          this.#tensor(field, depth + 1);
          break;
        case "sparse_tensor":
        case "sparse_tensors":
          this.#sparse(field, depth + 1);
          break;
        case "name":
          name = reader.text(field);
          break;
        case "s":
          value = field;
          break;
        default:
          reader.accountField(field, depth);
      }
    }
    // A compiled program is either embedded or, as a short text, the name of a file.
    if (program && name === "ep_cache_context" && value && value.end - value.start < 4096) {
      const text = reader.text(value);
      if (!/[^\x20-\x7e]/.test(text)) this.#texts.push({ op: program, name, value: text, offset: span.start });
    }
  }

  #function(span: Span): void {
    const { reader } = this;
    const outer = this.#calls;
    this.#calls = new Map();
    let name = "";
    let domain = "";
    let overload = "";
    for (const field of reader.fields(span, functionProto, 1)) {
      if (field.schema.name === "node") this.#node(field, 2);
      else if (field.schema.name === "attribute_proto") this.#attribute(field, 2, undefined);
      else if (field.schema.name === "name") name = reader.text(field);
      else if (field.schema.name === "domain") domain = reader.text(field);
      else if (field.schema.name === "overload") overload = reader.text(field);
      else reader.accountField(field, 1);
    }
    reader.meter.hold(300);
    const base = `${domain || "ai.onnx"}:${name}`;
    this.#functions.push({ id: base, offset: span.start, calls: this.#calls });
    if (overload !== "") {
      // Overloads of one name are different functions; for what they stand for, the name is what counts.
      this.#functions.pop();
      if (!this.#functions.some(({ id }) => id === base))
        this.#functions.push({ id: base, offset: span.start, calls: this.#calls });
    }
    this.#calls = outer;
  }
}
