import type { ByteSource } from "../../core/byte-source.ts";
import { textOf } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import { flawList } from "../reading/flaw.ts";
import type { Flaw } from "../reading/flaw.ts";
import { gapOf } from "../reading/gap.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { Window } from "../reading/window.ts";
import { countOf, readDtype } from "./dtype.ts";
import type { Dtype } from "./dtype.ts";
import { parseLiteral } from "./literal.ts";
import type { Literal } from "./literal.ts";

/** One array of the file; several `numpy.save` calls on one open file write several. */
export interface NpyArray {
  readonly offset: number;
  readonly version: string;
  /** The header's text, at most 1,000 characters of it. */
  readonly header: string;
  readonly dtype: Dtype | undefined;
  /** Where its elements lie; for objects, and for dtypes we do not know, everything to the end of the file. */
  readonly dataOffset: number;
  readonly dataLength: number;
}

/** A NumPy .npy file. */
export interface NpyFile {
  readonly arrays: readonly NpyArray[];
  /** Bytes that NumPy would unpickle, or that follow the arrays: to be examined as files of their own. */
  readonly inner: readonly { readonly name: string; readonly offset: number; readonly length: number }[];
  readonly flaws: readonly Flaw[];
  readonly gaps: readonly Gap[];
}

/** "\x93NUMPY" */
export const npyMagic: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Longest header `numpy.load` reads without being told to. */
const ordinaryHeader = 10_000;
const longestHeader = 1024 * 1024;
const mostArrays = 10_000;

/**
 * Reads the headers of a .npy file (versions 1.0 to 3.0) and accounts for every byte after them.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws MALFORMED when the file does not begin with the magic string
 */
export function parseNpy(source: ByteSource, meter: Meter): NpyFile {
  const window = new Window(source, "npy");
  if (!isMagic(window, 0)) fail("MALFORMED", "Not a .npy file: the magic string is missing");
  const { flaws, add } = flawList();
  const arrays: NpyArray[] = [];
  const inner: { name: string; offset: number; length: number }[] = [];
  const gaps: Gap[] = [];
  let at = 0;
  while (at < source.size && gaps.length === 0) {
    meter.tick();
    if (arrays.length > 0 && !isMagic(window, at)) {
      const place = { offset: at, length: source.size - at };
      const why = `${place.length} bytes follow the array`;
      add({ rule: "trailing", severity: "medium", why, ...place });
      gaps.push({ why: `${why} and belong to nothing`, ...place });
      inner.push({ name: "trailing", ...place });
      break;
    }
    if (arrays.length >= mostArrays) fail("LIMIT", `The file holds more than ${mostArrays} arrays`);
    try {
      const array = readArray(window, at, add, gaps);
      meter.hold(500);
      arrays.push(array);
      if (array.dtype === undefined || array.dtype.objects) {
        inner.push({ name: `objects-${arrays.length - 1}.pkl`, offset: array.dataOffset, length: array.dataLength });
      }
      at = array.dataOffset + array.dataLength;
    } catch (error) {
      gaps.push({ offset: at, ...gapOf(error) });
      inner.push({ name: "unread", offset: at + 10, length: Math.max(0, source.size - at - 10) });
    }
  }
  return { arrays, inner, flaws, gaps };
}

function isMagic(window: Window, at: number): boolean {
  return window.size - at >= 10 && npyMagic.every((byte, index) => window.u8(at + index) === byte);
}

function readArray(window: Window, at: number, add: (flaw: Flaw) => void, gaps: Gap[]): NpyArray {
  const [major, minor] = [window.u8(at + 6), window.u8(at + 7)];
  if (major < 1 || major > 3 || minor !== 0) fail("UNSUPPORTED", `.npy version ${major}.${minor} is not known`);
  const headerLength = major === 1 ? window.u16(at + 8) : window.u32(at + 8);
  const headerOffset = at + (major === 1 ? 10 : 12);
  if (headerLength > ordinaryHeader) {
    add({
      rule: "header-length",
      severity: "medium",
      why: `the header is ${headerLength} bytes long; numpy.load refuses more than ${ordinaryHeader}`,
      offset: at,
    });
  }
  if (headerLength > longestHeader) fail("LIMIT", `The header is longer than ${longestHeader} bytes`);
  const raw = window.bytes(headerOffset, headerLength);
  const header = major === 3 ? textOf(raw, "The .npy header") : Buffer.from(raw).toString("latin1");
  const { descr, shape } = readHeader(header, headerOffset, add);
  const dataOffset = headerOffset + headerLength;
  const rest = window.size - dataOffset;
  const head = { offset: at, version: `${major}.${minor}`, header: header.trimEnd().slice(0, 1000), dataOffset };
  const dtype = readDtype(descr);
  if (!dtype) {
    gaps.push({
      why: "the array's dtype is not one NumPy writes, so its bytes could be anything",
      offset: headerOffset,
    });
    add({
      rule: "dtype",
      severity: "medium",
      why: `the dtype ${shown(descr)} is not one NumPy writes`,
      offset: headerOffset,
    });
    return { ...head, dtype, dataLength: rest };
  }
  const count = countOf(shape);
  if (count === undefined) fail("MALFORMED", `The shape ${shown(shape)} is not one`);
  if (dtype.objects) return { ...head, dtype, dataLength: rest };
  const needed = count * dtype.size;
  if (needed > BigInt(rest)) {
    add({
      rule: "size",
      severity: "medium",
      why: `the header promises ${needed} bytes of elements, but ${rest} follow`,
      offset: headerOffset,
    });
    gaps.push({ why: `the header promises ${needed} bytes of elements, but ${rest} follow`, offset: dataOffset });
    return { ...head, dtype, dataLength: rest };
  }
  return { ...head, dtype, dataLength: Number(needed) };
}

function readHeader(
  text: string,
  offset: number,
  add: (flaw: Flaw) => void,
): { readonly descr: Literal; readonly shape: Literal } {
  const notOrdinary = (why: string, severity: Flaw["severity"]): void =>
    add({ rule: "header", severity, why, offset, length: text.length });
  let value: Literal;
  try {
    value = parseLiteral(text);
  } catch (error) {
    notOrdinary("the header is not a plain Python literal", "high");
    throw error;
  }
  if (typeof value !== "object" || value === null || !("dict" in value)) {
    fail("MALFORMED", "The header is not a dictionary");
  }
  const keys = value.dict.map(([key]) => key);
  const found = new Map<Literal, Literal>(value.dict);
  if (found.size !== keys.length) notOrdinary("the header has the same key twice", "medium");
  const descr = found.get("descr");
  const shape = found.get("shape");
  if (descr === undefined || shape === undefined || typeof found.get("fortran_order") !== "boolean") {
    fail("MALFORMED", "The header lacks descr, fortran_order or shape");
  }
  if (found.size > 3) notOrdinary("the header has keys beyond descr, fortran_order and shape", "medium");
  return { descr, shape };
}

function shown(value: Literal): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part)).slice(0, 100);
}
