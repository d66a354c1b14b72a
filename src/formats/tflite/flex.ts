import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { unmetered } from "../reading/meter.ts";
import { Window } from "../reading/window.ts";
import { wireFields } from "../protobuf/wire.ts";

/** What a "Flex" operator's options hold: the name of the TensorFlow operator that is really run. */
export interface FlexOptions {
  readonly name: string;
  readonly op: string;
  /** The serialized NodeDef as text, in which constants of its attributes can be found. */
  readonly definition: string;
}

/**
 * Reads the options of a Flex operator: a FlexBuffers vector of the operator's name and its serialized NodeDef. The kernel runs
 * what the NodeDef says, whatever the model calls the operator. Undefined when the options are anything else.
 * Source: https://flatbuffers.dev/flexbuffers/ and tensorflow/lite/delegates/flex/kernel.cc
 */
export function readFlexOptions(bytes: Uint8Array): FlexOptions | undefined {
  try {
    const parts = stringsOf(bytes);
    const [name, definition] = parts ?? [];
    if (!name || !definition) return undefined;
    const op = fieldOf(definition, 2);
    if (op === undefined) return undefined;
    return {
      name: Buffer.from(name).toString("utf8"),
      op: Buffer.from(op).toString("utf8"),
      definition: Buffer.from(definition).toString("latin1"),
    };
  } catch (error) {
    if (isCastellanError(error, "MALFORMED", "LIMIT")) return undefined;
    throw error;
  }
}

/** The strings of a FlexBuffers root that is a vector of two strings. */
function stringsOf(bytes: Uint8Array): Uint8Array[] | undefined {
  const window = new Window(bytesSource(bytes), "FlexBuffers");
  const size = bytes.length;
  if (size < 4) return undefined;
  const rootWidth = bytes[size - 1]!;
  const type = bytes[size - 2]!;
  if (type >> 2 !== vectorType || ![1, 2, 4, 8].includes(rootWidth)) return undefined;
  const rootAt = size - 2 - rootWidth;
  const width = 1 << (type & 3);
  const vector = rootAt - number(window, rootAt, rootWidth);
  const length = number(window, vector - width, width);
  if (length !== 2) return undefined;
  const found: Uint8Array[] = [];
  for (let index = 0; index < length; index++) {
    const packed = window.u8(vector + length * width + index);
    const at = vector + index * width;
    if (packed >> 2 !== stringType) return undefined;
    const start = at - number(window, at, width);
    const lengthWidth = 1 << (packed & 3);
    found.push(window.bytes(start, number(window, start - lengthWidth, lengthWidth)));
  }
  return found;
}

const stringType = 5;
const vectorType = 10;

function number(window: Window, at: number, width: number): number {
  if (width === 1) return window.u8(at);
  if (width === 2) return window.u16(at);
  return width === 4 ? window.u32(at) : Number(window.u64(at));
}

/** The last text under a field number: the one protobuf takes. */
function fieldOf(bytes: Uint8Array, wanted: number): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  for (const { number, wire, start, end } of wireFields(
    new Window(bytesSource(bytes), "NodeDef"),
    0,
    bytes.length,
    unmetered,
  )) {
    if (number === wanted && wire === 2) found = bytes.subarray(start, end);
  }
  return found;
}
