import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { MessageReader } from "../protobuf/read.ts";
import type { Span } from "../protobuf/read.ts";
import { wireFields } from "../protobuf/wire.ts";
import { flawList } from "../reading/flaw.ts";
import type { Flaw } from "../reading/flaw.ts";
import { gapOf } from "../reading/gap.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { leavesFolder } from "../reading/outside-path.ts";
import { Window } from "../reading/window.ts";
import { modelType } from "./model-types.ts";
import { looksLikeCoreml } from "./recognise.ts";
import {
  customModel,
  entryOfMessages,
  linkedModel,
  linkedModelFile,
  milArgument,
  milBlobFile,
  milBlock,
  milFunction,
  milOperation,
  milProgram,
  milValue,
  pipeline,
  stringParameter,
  typedPipeline,
} from "./schema.ts";

/** A Core ML model: which model types it is made of, and what leads outside of it. */
export interface CoremlFile {
  readonly version: number;
  /** Model types, at any depth of pipelines. */
  readonly types: readonly string[];
  /** Files with weights that an ML program names. */
  readonly files: readonly string[];
  readonly flaws: readonly Flaw[];
  readonly gaps: readonly Gap[];
}

const deepest = 32;
const customLayer = 500;
const branchLayer = 605;
const loopLayer = 615;

/**
 * Reads a Core ML model (.mlmodel, or the model inside an .mlpackage) as far as it can lead outside itself: custom and linked models,
 * custom layers, weights in other files. Weights and parameters of Apple's own model types are not read.
 * @throws MALFORMED when it is none
 */
export function parseCoreml(source: ByteSource, meter: Meter): CoremlFile {
  if (!looksLikeCoreml(source)) fail("MALFORMED", "Not a Core ML model");
  const { flaws, add } = flawList();
  const walker = new CoremlWalker(new MessageReader(new Window(source, "Core ML"), meter, add));
  try {
    walker.model({ start: 0, end: source.size }, 0);
  } catch (error) {
    const gap = gapOf(error);
    walker.reader.gap(gap);
    add({ rule: "structure", severity: "medium", why: gap.why });
  }
  const { reader, version, types, files } = walker;
  return { version, types: [...types], files: [...files].slice(0, 1000), flaws, gaps: reader.gaps };
}

class CoremlWalker {
  readonly reader: MessageReader;
  readonly types = new Set<string>();
  readonly files = new Set<string>();
  version = 0;

  constructor(reader: MessageReader) {
    this.reader = reader;
  }

  model(span: Span, depth: number): void {
    if (depth > deepest) fail("LIMIT", `Models are nested more than ${deepest} deep`);
    const { reader } = this;
    let kinds = 0;
    for (const field of wireFields(reader.window, span.start, span.end, reader.meter)) {
      const { number, wire, offset } = field;
      if (number === 1 && wire === 0) this.version ||= Number(field.value);
      if ((number === 1 || number === 10) && wire === 0) continue;
      if (number === 2 && wire === 2) continue; // what the model takes and gives: names, types and texts
      const type = wire === 2 ? modelType(number) : undefined;
      if (!type) {
        reader.flaw({
          rule: "unknown-field",
          severity: "low",
          why: `a model has a field ${number} that the format does not know`,
          offset,
        });
        reader.gap({ why: `field ${number} of a model is not known`, offset, length: field.end - offset });
        continue;
      }
      if (++kinds === 2) {
        reader.flaw({
          rule: "two-models",
          severity: "medium",
          why: "a model is of two types at once, and readers differ in which they take",
          offset,
        });
      }
      this.types.add(type);
      this.#type(type, field, depth + 1);
    }
  }

  #type(type: string, span: Span & { readonly offset: number }, depth: number): void {
    const { reader } = this;
    const { offset } = span;
    if (type === "customModel") {
      let name = "";
      for (const field of reader.fields(span, customModel, depth))
        if (field.schema.name === "className") name = reader.text(field);
      this.#custom("model", name, offset);
    } else if (type === "linkedModel") this.#linked(span, depth);
    else if (type === "pipeline") this.#pipeline(span, depth);
    else if (type === "pipelineClassifier" || type === "pipelineRegressor") {
      for (const field of reader.fields(span, typedPipeline, depth)) this.#pipeline(field, depth + 1);
    } else if (type.startsWith("neuralNetwork")) this.#network(span, depth);
    else if (type === "mlProgram") this.#program(span, depth);
    else if (type === "serializedModel") {
      reader.gap({
        why: "the model is serialized in a form that is not documented",
        offset,
        length: span.end - span.start,
      });
    }
  }

  #custom(what: string, name: string, offset: number): void {
    const shown = JSON.stringify(name.slice(0, 100));
    this.reader.flaw({
      rule: `custom-${what}`,
      severity: "medium",
      why: `a custom ${what} is run by the class ${shown} of the application`,
      offset,
    });
    this.reader.gap({ why: `the custom ${what} ${shown} is code from elsewhere`, offset });
  }

  #linked(span: Span & { readonly offset: number }, depth: number): void {
    const { reader } = this;
    for (const field of reader.fields(span, linkedModel, depth)) {
      for (const part of reader.fields(field, linkedModelFile, depth + 1)) {
        for (const value of reader.fields(part, stringParameter, depth + 2)) {
          const path = reader.text(value);
          const why = path === "" ? undefined : leavesFolder(path);
          reader.flaw({
            rule: "linked-model",
            severity: why ? "high" : "medium",
            why: `another model is loaded from ${JSON.stringify(path.slice(0, 200))}${why ? `: ${why}` : ""}`,
            offset: span.offset,
          });
        }
      }
    }
    reader.gap({ why: "the model loads another model, which was not examined with it", offset: span.offset });
  }

  #pipeline(span: Span, depth: number): void {
    for (const field of this.reader.fields(span, pipeline, depth))
      if (field.schema.name === "models") this.model(field, depth + 1);
  }

  /** Layers of Apple's own are numbers; custom ones, and networks inside of branches and loops, are followed. */
  #network(span: Span, depth: number): void {
    if (depth > deepest) fail("LIMIT", `Networks are nested more than ${deepest} deep`);
    const { reader } = this;
    for (const field of wireFields(reader.window, span.start, span.end, reader.meter)) {
      if (field.number !== 1 || field.wire !== 2) continue;
      for (const part of wireFields(reader.window, field.start, field.end, reader.meter)) {
        if (part.wire !== 2) continue;
        if (part.number === customLayer) {
          let name = "";
          for (const detail of wireFields(reader.window, part.start, part.end, reader.meter)) {
            if (detail.number === 10 && detail.wire === 2) name = reader.text(detail);
          }
          this.#custom("layer", name, part.offset);
        } else if (part.number === branchLayer || part.number === loopLayer) {
          for (const inner of wireFields(reader.window, part.start, part.end, reader.meter)) {
            const network =
              part.number === branchLayer
                ? inner.number === 1 || inner.number === 2
                : inner.number === 3 || inner.number === 4;
            if (network && inner.wire === 2) this.#network(inner, depth + 1);
          }
        }
      }
    }
  }

  #program(span: Span, depth: number): void {
    const { reader } = this;
    for (const field of reader.fields(span, milProgram, depth)) {
      if (field.schema.name === "attributes") this.#value(this.#entry(field, depth + 1), depth + 1);
      if (field.schema.name !== "functions") continue;
      const body = this.#entry(field, depth + 1);
      if (!body) continue;
      for (const part of reader.fields(body, milFunction, depth + 2)) {
        if (part.schema.name === "block_specializations") {
          const block = this.#entry(part, depth + 3);
          if (block) this.#block(block, depth + 3);
        } else if (part.schema.name === "attributes") this.#value(this.#entry(part, depth + 3), depth + 3);
      }
    }
  }

  #block(span: Span, depth: number): void {
    const { reader } = this;
    for (const field of reader.fields(span, milBlock, depth)) {
      if (field.schema.name === "attributes") this.#value(this.#entry(field, depth + 1), depth + 1);
      if (field.schema.name !== "operations") continue;
      for (const part of reader.fields(field, milOperation, depth + 1)) {
        const { name } = part.schema;
        if (name === "blocks") this.#block(part, depth + 2);
        else if (name === "attributes") this.#value(this.#entry(part, depth + 2), depth + 2);
        else if (name === "inputs") this.#argument(this.#entry(part, depth + 2), depth + 2);
        else if (name === "type") {
          const type = reader.text(part);
          if (/custom/i.test(type)) this.#custom("operation", type, part.offset);
        }
      }
    }
  }

  #argument(span: Span | undefined, depth: number): void {
    if (!span) return;
    for (const field of this.reader.fields(span, milArgument, depth)) {
      for (const part of this.reader.fields(field, field.schema.of!(), depth + 1)) {
        if (part.schema.name === "value") this.#value(part, depth + 2);
      }
    }
  }

  #value(span: Span | undefined, depth: number): void {
    if (!span) return;
    for (const field of this.reader.fields(span, milValue, depth)) {
      if (field.schema.name !== "blobFileValue") continue;
      for (const part of this.reader.fields(field, milBlobFile, depth + 1)) {
        if (part.schema.name !== "fileName") continue;
        const path = this.reader.text(part);
        const inside = path.startsWith("@model_path/") ? path.slice("@model_path/".length) : path;
        const why = leavesFolder(inside);
        if (why) {
          this.reader.flaw({
            rule: "weights-path",
            severity: "high",
            why: `weights are read from ${JSON.stringify(path.slice(0, 200))}: ${why}`,
            offset: part.offset,
          });
        } else if (this.files.size < 1000) this.files.add(path.slice(0, 500));
      }
    }
  }

  /** The value of a map's entry. */
  #entry(span: Span, depth: number): Span | undefined {
    let found: Span | undefined;
    for (const field of this.reader.fields(span, entryOfMessages, depth))
      if (field.schema.name === "value") found = field;
    return found;
  }
}
