import { fail } from "../../kit/errors.ts";
import type { Hdf5Fields } from "./fields.ts";
import { nowhere } from "./fields.ts";
import { heapObjectAt } from "./global-heap.ts";

/** An attribute; `texts` has the strings it holds. */
export interface Attribute {
  readonly name: string;
  readonly at: number;
  readonly texts: readonly Uint8Array[];
}

const mostTexts = 100_000;
const longestText = 64 * 1024 * 1024;

/** The number of elements a dataspace states; 0 for none. Source: specification IV.A.2.b. */
export function elementsOf(file: Hdf5Fields, at: number): number {
  const { window } = file;
  const version = window.u8(at);
  if (version !== 1 && version !== 2) fail("UNSUPPORTED", `Dataspaces of version ${version} are not known`);
  const rank = window.u8(at + 1);
  if (rank > 32) fail("MALFORMED", { message: "A dataspace has more than 32 dimensions", where: `byte ${at}` });
  if (version === 2 && window.u8(at + 3) === 2) return 0;
  let count = 1;
  for (let axis = 0; axis < rank; axis++) count *= file.length(at + (version === 1 ? 8 : 4) + axis * file.lengthSize);
  return count;
}

/** Class, size and whether it is text of variable length. Source: specification IV.A.2.d. */
export function datatypeOf(
  file: Hdf5Fields,
  at: number,
): { kind: number; size: number; text: "fixed" | "variable" | "no" } {
  const { window } = file;
  const kind = window.u8(at) & 0x0f;
  const size = window.u32(at + 4);
  const text = kind === 3 ? "fixed" : kind === 9 && (window.u8(at + 1) & 0x0f) === 1 ? "variable" : "no";
  return { kind, size, text };
}

/** Reads the attribute message at `at`, `size` bytes long. Source: specification IV.A.2.m. @throws MALFORMED UNSUPPORTED LIMIT */
export function readAttribute(file: Hdf5Fields, at: number, size: number, shared: (at: number) => number): Attribute {
  const { window } = file;
  const version = window.u8(at);
  if (version < 1 || version > 3) fail("UNSUPPORTED", `Attributes of version ${version} are not known`);
  const flags = version === 1 ? 0 : window.u8(at + 1);
  const [nameSize, typeSize, spaceSize] = [window.u16(at + 2), window.u16(at + 4), window.u16(at + 6)];
  const pad = (length: number): number => (version === 1 ? Math.ceil(length / 8) * 8 : length);
  const nameAt = at + (version === 3 ? 9 : 8);
  const typeAt = nameAt + pad(nameSize);
  const spaceAt = typeAt + pad(typeSize);
  const data = spaceAt + pad(spaceSize);
  if (data > at + size) fail("MALFORMED", { message: "An attribute is longer than its message", where: `byte ${at}` });
  const name = file.text(nameAt, nameAt + nameSize);
  const type = datatypeOf(file, flags & 1 ? shared(typeAt) : typeAt);
  const count = elementsOf(file, flags & 2 ? shared(spaceAt) : spaceAt);
  if (count * type.size > at + size - data)
    fail("MALFORMED", { message: "An attribute's value is longer than its message", where: `byte ${at}` });
  const texts: Uint8Array[] = [];
  if (type.text !== "no") {
    if (count > mostTexts) fail("LIMIT", `An attribute holds more than ${mostTexts} texts`);
    for (let index = 0; index < count; index++) {
      const place = data + index * type.size;
      const bytes = type.text === "fixed" ? window.bytes(place, type.size) : variableText(file, place);
      texts.push(bytes);
    }
  } else if (type.kind === 9) globalPlaces(file, data, count, type.size);
  return { name, at, texts };
}

function variableText(file: Hdf5Fields, at: number): Uint8Array {
  const length = file.window.u32(at);
  const heap = file.address(at + 4);
  if (length === 0 || heap === nowhere) return new Uint8Array(0);
  const object = heapObjectAt(file, heap, file.window.u32(at + 4 + file.offsetSize));
  // Readers of C text stop at its zero byte, whatever length the element states.
  if (object.length > longestText) fail("LIMIT", `A text of ${object.length} bytes is longer than ${longestText}`);
  file.meter.hold(object.length);
  return file.window.bytes(object.at, object.length);
}

function globalPlaces(file: Hdf5Fields, data: number, count: number, size: number): void {
  for (let index = 0; index < Math.min(count, mostTexts); index++) {
    const heap = file.address(data + index * size + 4);
    if (heap !== nowhere && file.window.u32(data + index * size) > 0) {
      heapObjectAt(file, heap, file.window.u32(data + index * size + 4 + file.offsetSize));
    }
  }
}
