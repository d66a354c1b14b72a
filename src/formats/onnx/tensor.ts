import type { MessageReader, Span } from "../protobuf/read.ts";
import type { ExternalReference } from "./external-data.ts";
import { stringStringEntryProto, tensorProto } from "./schema.ts";
import { bitsOf, stringType } from "./tensor-types.ts";

const mostDimensions = 1024;

/** What a tensor is, without its elements. */
export interface OnnxTensor {
  readonly name: string;
  readonly external: ExternalReference | undefined;
}

/** Reads a tensor's description and holds its bytes to its type and shape. @throws MALFORMED, LIMIT */
export function readTensor(reader: MessageReader, span: Span, depth: number): OnnxTensor {
  let name = "";
  let type = 0;
  let elements: bigint | undefined = 1n;
  let stored: { readonly what: string; readonly bytes: number; readonly offset: number } | undefined;
  let forms = 0;
  let strings = 0;
  let located = 0;
  const entries: { key: string; value: string }[] = [];
  for (const field of reader.fields(span, tensorProto, depth)) {
    switch (field.schema.name) {
      case "name":
        name = reader.text(field);
        break;
      case "dims":
        for (const dimension of reader.integers(field, mostDimensions)) {
          const signed = BigInt.asIntN(64, BigInt(dimension));
          elements = elements === undefined || signed < 0n ? undefined : elements * signed;
        }
        break;
      case "data_type":
        type = Number(field.value);
        break;
      case "data_location":
        located = Number(field.value);
        break;
      case "external_data":
        entries.push(readEntry(reader, field, depth + 1));
        break;
      case "string_data":
        strings++;
        break;
      case "segment":
        reader.gap({ why: "a tensor is stored in segments, which no reader supports", offset: field.offset });
        break;
      case "raw_data":
      case "float_data":
      case "double_data":
      case "int32_data":
      case "int64_data":
      case "uint64_data":
        if (!stored || stored.what !== field.schema.name) forms++;
        stored = {
          what: field.schema.name,
          bytes: (stored?.bytes ?? 0) + field.end - field.start,
          offset: field.offset,
        };
        break;
      default:
        reader.accountField(field, depth);
    }
  }
  const shown = JSON.stringify(name.slice(0, 80));
  const flaw = (rule: string, severity: "high" | "medium", why: string): void =>
    reader.flaw({ rule: `tensor-${rule}`, severity, why: `tensor ${shown} ${why}`, offset: span.start });
  const bits = bitsOf(type);
  if (bits === undefined && type !== stringType && type !== 0) {
    flaw("type", "medium", `has the unknown data type ${type}`);
    reader.gap({ why: `tensor ${shown} has the unknown data type ${type}`, offset: span.start });
  }
  if (elements === undefined) flaw("shape", "high", "has a negative dimension");
  else if (elements > 2n ** 62n) flaw("shape", "high", `has ${elements} elements, which overflows`);
  if (forms > 1)
    flaw("forms", "medium", "stores its elements in more than one form, and readers differ in which they take");
  const needed = elements !== undefined && bits !== undefined ? (elements * BigInt(bits) + 7n) / 8n : undefined;
  const external = located === 1 || entries.length > 0;
  if (external) {
    if (located !== 1) flaw("location", "medium", "names another file, but says that its bytes are here");
    if (stored) flaw("forms", "medium", "has bytes here as well as in another file");
    return { name, external: { tensor: name, entries, offset: span.start, needed } };
  }
  if (located !== 0) flaw("location", "medium", `says its bytes are at location ${located}, which does not exist`);
  if (needed !== undefined && stored) {
    const expected = stored.what === "raw_data" ? needed : widthOf(stored.what, elements ?? 0n, type);
    if (expected !== undefined && BigInt(stored.bytes) !== expected) {
      flaw("size", "high", `needs ${expected} bytes for its shape, but ${stored.bytes} are stored`);
    }
  }
  if (type === stringType && elements !== undefined && BigInt(strings) !== elements) {
    flaw("size", "high", `has ${elements} elements, but ${strings} texts are stored`);
  }
  return { name, external: undefined };
}

/** Bytes a packed list of fixed-width numbers must have; undefined where numbers are stored as varints. */
function widthOf(what: string, elements: bigint, type: number): bigint | undefined {
  const parts = type === 14 || type === 15 ? 2n : 1n;
  if (what === "float_data") return elements * parts * 4n;
  return what === "double_data" ? elements * parts * 8n : undefined;
}

/** A key and its value. */
export function readEntry(
  reader: MessageReader,
  span: Span,
  depth: number,
): { readonly key: string; readonly value: string } {
  let key = "";
  let value = "";
  for (const field of reader.fields(span, stringStringEntryProto, depth)) {
    if (field.schema.name === "key") key = reader.text(field);
    else value = reader.text(field);
  }
  return { key, value };
}
