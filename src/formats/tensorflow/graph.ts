import type { MessageReader, Span } from "../protobuf/read.ts";
import {
  attrValue,
  attrValueListValue,
  functionDef,
  functionDefLibrary,
  graphDef,
  nameAttrList,
  nodeDef,
  opDef,
  tensorProto,
} from "./graph-schema.ts";

/** A node of a graph: what judging it needs. */
export interface TensorflowNode {
  readonly op: string;
  readonly inputs: readonly string[];
  /** Functions its attributes name. */
  readonly calls: readonly string[];
  /** Texts of a constant, at most 16 of 1,024 bytes. */
  readonly texts: readonly string[];
  /** Text attributes. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly offset: number;
}

/** A graph or the body of a function. */
export interface TensorflowBody {
  /** The function's name; "" for the graph itself. */
  readonly name: string;
  readonly nodes: ReadonlyMap<string, TensorflowNode>;
}

/** A graph and its functions. */
export interface TensorflowGraph {
  readonly main: TensorflowBody;
  readonly functions: readonly TensorflowBody[];
}

const mostTexts = 16;
const longestText = 1024;

/** Reads a GraphDef. @throws MALFORMED, LIMIT */
export function readGraph(reader: MessageReader, span: Span, depth: number): TensorflowGraph {
  const nodes = new Map<string, TensorflowNode>();
  const functions: TensorflowBody[] = [];
  for (const field of reader.fields(span, graphDef, depth)) {
    if (field.schema.name === "node") readNode(reader, field, depth + 1, nodes);
    else if (field.schema.name === "library") {
      for (const part of reader.fields(field, functionDefLibrary, depth + 1)) {
        if (part.schema.name === "function") functions.push(readFunction(reader, part, depth + 2));
        else reader.accountField(part, depth + 1);
      }
    } else reader.accountField(field, depth);
  }
  return { main: { name: "", nodes }, functions };
}

function readFunction(reader: MessageReader, span: Span, depth: number): TensorflowBody {
  let name = "";
  const nodes = new Map<string, TensorflowNode>();
  for (const field of reader.fields(span, functionDef, depth)) {
    if (field.schema.name === "node_def") readNode(reader, field, depth + 1, nodes);
    else if (field.schema.name === "signature") {
      for (const part of reader.fields(field, opDef, depth + 1)) {
        if (part.schema.name === "name") name = reader.text(part);
        else reader.accountField(part, depth + 1);
      }
    } else reader.accountField(field, depth);
  }
  reader.meter.hold(200);
  return { name, nodes };
}

function readNode(reader: MessageReader, span: Span, depth: number, nodes: Map<string, TensorflowNode>): void {
  let name = "";
  let op = "";
  const inputs: string[] = [];
  const calls: string[] = [];
  const texts: string[] = [];
  const attributes = new Map<string, string>();
  for (const field of reader.fields(span, nodeDef, depth)) {
    switch (field.schema.name) {
      case "name":
        name = reader.text(field);
        break;
      case "op":
        op = reader.text(field, "an operator's name");
        break;
      case "input":
        inputs.push(reader.text(field));
        break;
      case "attr":
        readAttribute(reader, field, depth + 1, { calls, texts, attributes });
        break;
      default:
        reader.accountField(field, depth);
    }
  }
  const kept = [name, op, ...inputs, ...calls, ...texts].reduce((sum, text) => sum + text.length + 40, 0);
  reader.meter.hold(800 + kept + 200 * attributes.size);
  if (nodes.has(name)) {
    reader.flaw({
      rule: "duplicate-node",
      severity: "medium",
      why: `two nodes have the name ${JSON.stringify(name.slice(0, 100))}`,
      offset: span.start,
    });
    name = `${name}#${nodes.size}`;
  }
  nodes.set(name, { op, inputs, calls, texts, attributes, offset: span.start });
}

interface Attributes {
  readonly calls: string[];
  readonly texts: string[];
  readonly attributes: Map<string, string>;
}

/** One entry of a node's attribute map. */
function readAttribute(reader: MessageReader, span: Span, depth: number, into: Attributes): void {
  let key = "";
  const values: Span[] = [];
  for (const field of reader.fields(span, attributeEntry, depth)) {
    if (field.schema.name === "key") key = reader.text(field);
    else values.push(field);
  }
  // The key may stand behind the value.
  for (const value of values) readValue(reader, value, depth + 1, key, into);
}

const attributeEntry = nodeDef.fields.get(5)!.of!();

function readValue(reader: MessageReader, span: Span, depth: number, key: string, into: Attributes): void {
  for (const field of reader.fields(span, attrValue, depth)) {
    switch (field.schema.name) {
      case "s":
        if (field.end - field.start <= longestText) into.attributes.set(key, reader.text(field));
        break;
      case "func":
        readCall(reader, field, depth + 1, into);
        break;
      case "tensor":
        for (const part of reader.fields(field, tensorProto, depth + 1)) {
          if (part.schema.name === "string_val" && into.texts.length < mostTexts) {
            into.texts.push(reader.text({ start: part.start, end: Math.min(part.end, part.start + longestText) }));
          } else reader.accountField(part, depth + 1);
        }
        break;
      case "list":
        for (const part of reader.fields(field, attrValueListValue, depth + 1)) {
          if (part.schema.name === "func") readCall(reader, part, depth + 2, into);
          else reader.accountField(part, depth + 1);
        }
        break;
      default:
        reader.accountField(field, depth);
    }
  }
}

function readCall(reader: MessageReader, span: Span, depth: number, into: Attributes): void {
  for (const field of reader.fields(span, nameAttrList, depth)) {
    if (field.schema.name === "name") into.calls.push(reader.text(field));
    else reader.accountField(field, depth);
  }
}
