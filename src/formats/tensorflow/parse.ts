import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { MessageReader } from "../protobuf/read.ts";
import type { Field, Span } from "../protobuf/read.ts";
import { flawList } from "../reading/flaw.ts";
import type { Flaw } from "../reading/flaw.ts";
import { gapOf } from "../reading/gap.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { leavesFolder } from "../reading/outside-path.ts";
import { Window } from "../reading/window.ts";
import { readGraph } from "./graph.ts";
import type { TensorflowGraph } from "./graph.ts";
import { judgeGraph } from "./judge.ts";
import type { GraphDoors, TensorflowUse } from "./judge.ts";
import { judgeKerasMetadata } from "./keras-metadata.ts";
import { tensorflowKind } from "./recognise.ts";
import type { TensorflowKind } from "./recognise.ts";
import {
  assetFileDef,
  collectionDef,
  fingerprintDef,
  kerasObject,
  metaGraphDef,
  savedMetadata,
  savedModel,
  savedObject,
  savedObjectGraph,
  savedUserObject,
  saverDef,
  signatureDef,
  tensorInfo,
} from "./saved-model-schema.ts";

/** A description of a Keras layer that Keras would rebuild: JSON text in the file. */
export interface KerasMetadata {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** What a SavedModel, a graph or Keras' metadata file holds. */
export interface TensorflowFile {
  readonly form: TensorflowKind;
  readonly operators: readonly TensorflowUse[];
  readonly functions: number;
  readonly nodes: number;
  readonly metadata: readonly KerasMetadata[];
  readonly flaws: readonly Flaw[];
  readonly gaps: readonly Gap[];
}

const mostMetadata = 20_000;

/**
 * Reads a protobuf file of TensorFlow: saved_model.pb, keras_metadata.pb, fingerprint.pb, a frozen graph or a .meta file. Tensors
 * are not read. Source: tensorflow/core/protobuf/*.proto, tensorflow/core/framework/*.proto
 * @throws MALFORMED when it is none of these
 */
export function parseTensorflow(source: ByteSource, meter: Meter): TensorflowFile {
  const form = tensorflowKind(source) ?? fail("MALFORMED", "Not a protobuf file of TensorFlow");
  const { flaws, add } = flawList();
  const reader = new MessageReader(new Window(source, "TensorFlow"), meter, add);
  const walker = new TensorflowWalker(reader);
  const whole = { start: 0, end: source.size };
  try {
    if (form === "saved-model") walker.savedModel(whole);
    else if (form === "meta-graph") walker.metaGraph(whole, 0);
    else if (form === "graph") walker.graph(whole);
    else if (form === "keras-metadata") walker.kerasMetadata(whole);
    else reader.account(whole, fingerprintDef, 0);
  } catch (error) {
    const gap = gapOf(error);
    reader.gap(gap);
    add({ rule: "structure", severity: "medium", why: gap.why });
  }
  return { form, ...walker.finish(), flaws, gaps: reader.gaps };
}

class TensorflowWalker {
  readonly reader: MessageReader;
  readonly #operators: TensorflowUse[] = [];
  readonly #metadata: KerasMetadata[] = [];
  #functions = 0;
  #nodes = 0;

  constructor(reader: MessageReader) {
    this.reader = reader;
  }

  finish(): Omit<TensorflowFile, "form" | "flaws" | "gaps"> {
    for (const { id, known, offset } of this.#operators) {
      const name = JSON.stringify(id.slice(0, 100));
      if (!known)
        this.reader.gap({ why: `the operator ${name} is not known: code from elsewhere would run it`, offset });
      else if (known.effect === "native")
        this.reader.gap({ why: `the operator ${name} was not examined: ${known.why}`, offset });
    }
    for (const { name, offset, length } of this.#metadata)
      judgeKerasMetadata(this.reader, { name, start: offset, end: offset + length });
    return { operators: this.#operators, functions: this.#functions, nodes: this.#nodes, metadata: this.#metadata };
  }

  savedModel(span: Span): void {
    for (const field of this.reader.fields(span, savedModel, 0)) {
      if (field.schema.name === "meta_graphs") this.metaGraph(field, 1);
    }
  }

  metaGraph(span: Span, depth: number): void {
    const { reader } = this;
    const graphs: TensorflowGraph[] = [];
    const saver: string[] = [];
    const serving: string[] = [];
    for (const field of reader.fields(span, metaGraphDef, depth)) {
      switch (field.schema.name) {
        case "graph_def":
          graphs.push(readGraph(reader, field, depth + 1));
          break;
        case "saver_def":
          for (const part of reader.fields(field, saverDef, depth + 1)) {
            if (part.schema.name.endsWith("_name")) saver.push(reader.text(part));
          }
          break;
        case "signature_def":
          this.#signature(field, depth + 1, serving);
          break;
        case "collection_def":
          this.#collection(field, depth + 1, serving);
          break;
        case "asset_file_def":
          this.#asset(field, depth + 1);
          break;
        case "object_graph_def":
          this.#objects(field, depth + 1);
          break;
        default:
          reader.accountField(field, depth);
      }
    }
    for (const graph of graphs) this.#judge(graph, { saver, serving, complete: true });
  }

  graph(span: Span): void {
    this.#judge(readGraph(this.reader, span, 0), { saver: [], serving: [], complete: false });
  }

  kerasMetadata(span: Span): void {
    for (const field of this.reader.fields(span, savedMetadata, 0)) {
      let name = "";
      for (const part of this.reader.fields(field, kerasObject, 1)) {
        if (part.schema.name === "node_path") name = this.reader.text(part);
        else if (part.schema.name === "metadata") this.#keras(name, part);
        else this.reader.accountField(part, 1);
      }
    }
  }

  #judge(graph: TensorflowGraph, doors: GraphDoors): void {
    this.#functions += graph.functions.length;
    this.#nodes += graph.functions.reduce((sum, { nodes }) => sum + nodes.size, graph.main.nodes.size);
    this.#operators.push(...judgeGraph(graph, doors, (flaw) => this.reader.flaw(flaw)));
  }

  #signature(span: Span, depth: number, serving: string[]): void {
    const { reader } = this;
    const entry = metaGraphDef.fields.get(5)!.of!();
    for (const field of reader.fields(span, entry, depth)) {
      if (field.schema.name === "key") continue;
      for (const part of reader.fields(field, signatureDef, depth + 1)) {
        if (part.schema.name !== "outputs") {
          reader.accountField(part, depth + 1);
          continue;
        }
        for (const output of reader.fields(part, signatureDef.fields.get(2)!.of!(), depth + 2)) {
          if (output.schema.name === "key") continue;
          for (const info of reader.fields(output, tensorInfo, depth + 3)) {
            if (info.schema.name === "name") serving.push(reader.text(info));
            else reader.accountField(info, depth + 3);
          }
        }
      }
    }
  }

  /** Collections name, among much else, what runs when the model is loaded. */
  #collection(span: Span, depth: number, serving: string[]): void {
    const { reader } = this;
    let key = "";
    const names: string[] = [];
    for (const field of reader.fields(span, metaGraphDef.fields.get(4)!.of!(), depth)) {
      if (field.schema.name === "key") {
        key = reader.text(field);
        continue;
      }
      for (const list of reader.fields(field, collectionDef, depth + 1)) {
        if (list.schema.name !== "node_list") {
          reader.accountField(list, depth + 1);
          continue;
        }
        for (const value of reader.fields(list, collectionDef.fields.get(1)!.of!(), depth + 2))
          names.push(reader.text(value));
      }
    }
    // The key may stand behind the value.
    if (/init|main_op/.test(key)) serving.push(...names);
  }

  #asset(span: Span, depth: number): void {
    for (const field of this.reader.fields(span, assetFileDef, depth)) {
      if (field.schema.name !== "filename") {
        this.reader.accountField(field, depth);
        continue;
      }
      const path = this.reader.text(field);
      const why = leavesFolder(path);
      if (why) {
        this.reader.flaw({
          rule: "asset-path",
          severity: "high",
          why: `an asset is read from ${JSON.stringify(path.slice(0, 200))}: ${why}`,
          offset: field.offset,
        });
      }
    }
  }

  /** The object graph; older Keras keeps its layers' descriptions there. */
  #objects(span: Span, depth: number): void {
    const { reader } = this;
    for (const field of reader.fields(span, savedObjectGraph, depth)) {
      if (field.schema.name !== "nodes") {
        reader.accountField(field, depth);
        continue;
      }
      for (const part of reader.fields(field, savedObject, depth + 1)) {
        if (part.schema.name !== "user_object") {
          reader.accountField(part, depth + 1);
          continue;
        }
        let name = "";
        for (const detail of reader.fields(part, savedUserObject, depth + 2)) {
          if (detail.schema.name === "identifier") name = reader.text(detail);
          else if (detail.schema.name === "metadata") this.#keras(name, detail);
          else reader.accountField(detail, depth + 2);
        }
      }
    }
  }

  #keras(name: string, { start, end }: Field): void {
    if (end === start) return;
    if (this.#metadata.length >= mostMetadata)
      fail("LIMIT", `The model describes more than ${mostMetadata} Keras objects`);
    this.reader.meter.hold(200);
    this.#metadata.push({ name: name.slice(0, 200), offset: start, length: end - start });
  }
}
