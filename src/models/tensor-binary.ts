import type { Tensor } from "../core/ports.ts";
import { concat, textOf, utf8 } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { datatypeOf } from "./datatypes.ts";
import { defaultTensorLimits, elementsOf, shapeOf, type TensorLimits } from "./shape.ts";

/**
 * A tensor from the raw bytes of the binary tensor data extension: little-endian elements in row-major order, BYTES
 * elements each preceded by their length as a little-endian uint32. Floats are taken as they are, NaN included.
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/extension_binary_data.md
 * @throws MALFORMED, UNSUPPORTED, LIMIT naming `where`
 */
export function tensorFromBinary(
  head: { readonly datatype: string; readonly shape: unknown },
  bytes: Uint8Array,
  where: string,
  limits: TensorLimits = defaultTensorLimits,
): Tensor {
  const type = datatypeOf(head.datatype, where);
  const shape = shapeOf(head.shape, where, limits);
  const count = elementsOf(shape);
  if (type.kind === "bytes") return { datatype: type.name, shape, data: readTexts(bytes, count, where) };
  if (bytes.length !== count * type.size) {
    fail("MALFORMED", {
      message: `${where} has shape [${shape.join(", ")}] of ${type.name}, which is ${count * type.size} bytes, but ${bytes.length} were sent`,
      where,
    });
  }
  const data = type.make(count) as Float32Array;
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(bytes);
  if (type.kind === "bool") {
    const at = data.findIndex((item) => item > 1);
    if (at >= 0)
      fail("MALFORMED", {
        message: `${where}: element ${at} is neither 0 nor 1, as BOOL needs`,
        where: `${where}[${at}]`,
      });
  }
  return { datatype: type.name, shape, data };
}

function readTexts(bytes: Uint8Array, count: number, where: string): readonly string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (length > bytes.length - at - 4) {
      fail("MALFORMED", { message: `${where}: the bytes end within element ${index} of ${count}`, where });
    }
    texts.push(textOf(bytes.subarray(at + 4, at + 4 + length), `${where}[${index}]`));
    at += 4 + length;
  }
  if (at !== bytes.length) fail("MALFORMED", { message: `${where}: ${bytes.length - at} bytes are left over`, where });
  return texts;
}

/** The raw bytes of a tensor in the form {@link tensorFromBinary} reads. */
export function tensorToBinary({ data }: Tensor): Uint8Array {
  if (!Array.isArray(data)) {
    const numbers = data as Float32Array;
    return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  }
  const parts: Uint8Array[] = [];
  for (const text of data as readonly string[]) {
    const bytes = utf8(text);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length, true);
    parts.push(length, bytes);
  }
  return concat(...parts);
}
