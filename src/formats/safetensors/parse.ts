import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { flawList } from "../reading/flaw.ts";
import type { Flaw } from "../reading/flaw.ts";
import { gapOf } from "../reading/gap.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { Window } from "../reading/window.ts";
import { bitsOf } from "./dtypes.ts";
import { readHeader } from "./header.ts";
import type { SafetensorsEntry } from "./header.ts";

/** A safetensors file: what its header says, and every rule of the format it breaks. */
export interface SafetensorsFile {
  /** Bytes of the JSON header. */
  readonly headerLength: number;
  readonly tensors: readonly SafetensorsEntry[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly flaws: readonly Flaw[];
  readonly gaps: readonly Gap[];
}

/** Longest header the reference implementation reads. */
const longestHeader = 100_000_000;

/**
 * Reads the header of a safetensors file and holds it to every rule of the format; tensors are not read.
 * Source: https://github.com/huggingface/safetensors#format and the reference implementation's validation.
 * @throws MALFORMED when the file is too short to have a header
 */
export function parseSafetensors(source: ByteSource, meter: Meter): SafetensorsFile {
  if (source.size < 8) fail("MALFORMED", "A safetensors file has at least 8 bytes");
  const window = new Window(source, "safetensors");
  const { flaws, add } = flawList();
  const gaps: Gap[] = [];
  const stated = window.u64(0);
  if (stated > BigInt(longestHeader) || stated > BigInt(source.size - 8)) {
    const tooLong = stated > BigInt(longestHeader);
    add({
      rule: "header-length",
      severity: "high",
      why: tooLong
        ? `the header is stated to be ${stated} bytes long; the format allows ${longestHeader}`
        : `the header is stated to be ${stated} bytes long, but only ${source.size - 8} bytes follow`,
      offset: 0,
      length: 8,
    });
    gaps.push({
      why: `the header's stated length of ${stated} bytes is impossible, so nothing in it was read`,
      offset: 0,
    });
    return { headerLength: 0, tensors: [], metadata: new Map(), flaws, gaps };
  }
  const headerLength = Number(stated);
  if (headerLength === 0 || window.u8(8) !== 0x7b) {
    add({ rule: "header-start", severity: "high", why: 'the header does not begin with "{"', offset: 8, length: 1 });
  }
  const dataStart = 8 + headerLength;
  let tensors: readonly SafetensorsEntry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  try {
    ({ tensors, metadata } = readHeader(window, 8, dataStart, meter, add));
  } catch (error) {
    gaps.push(gapOf(error));
    add({ rule: "header-json", severity: "medium", why: gapOf(error).why, offset: 8, length: headerLength });
    return { headerLength, tensors, metadata, flaws, gaps };
  }
  for (const tensor of tensors) checkSize(tensor, add, gaps);
  checkLayout(tensors, dataStart, source.size, add, gaps);
  return { headerLength, tensors, metadata, flaws, gaps };
}

function checkSize(tensor: SafetensorsEntry, add: (flaw: Flaw) => void, gaps: Gap[]): void {
  const name = JSON.stringify(tensor.name.slice(0, 100));
  if (!(tensor.begin <= tensor.end)) {
    add({
      rule: "offsets",
      severity: "high",
      why: `tensor ${name} begins at ${tensor.begin} and ends at ${tensor.end}`,
      offset: tensor.offset,
    });
    return;
  }
  const bits = bitsOf(tensor.dtype);
  if (bits === undefined) {
    add({
      rule: "dtype",
      severity: "low",
      why: `tensor ${name} has the unknown dtype ${JSON.stringify(tensor.dtype.slice(0, 40))}`,
      offset: tensor.offset,
    });
    gaps.push({ why: `the size of tensor ${name} cannot be checked: its dtype is unknown`, offset: tensor.offset });
    return;
  }
  let total = BigInt(bits);
  for (const dimension of tensor.shape) {
    if (!Number.isSafeInteger(dimension)) return; // reported by the header
    total *= BigInt(dimension);
  }
  if (total % 8n !== 0n || total / 8n !== BigInt(tensor.end - tensor.begin)) {
    add({
      rule: "size",
      severity: "high",
      why: `tensor ${name} (${tensor.dtype} of shape [${tensor.shape.slice(0, 16).join(", ")}]) needs ${total / 8n} bytes, but ${tensor.end - tensor.begin} are given to it`,
      offset: tensor.offset,
    });
  }
}

/** Tensors must lie one after another without holes, from the header's end to the file's. */
function checkLayout(
  tensors: readonly SafetensorsEntry[],
  dataStart: number,
  size: number,
  add: (flaw: Flaw) => void,
  gaps: Gap[],
): void {
  const available = size - dataStart;
  let covered = 0;
  for (const tensor of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const name = JSON.stringify(tensor.name.slice(0, 100));
    if (tensor.end > available) {
      add({
        rule: "beyond-end",
        severity: covered === tensor.begin && tensor.begin <= available ? "medium" : "high",
        why: `tensor ${name} ends at ${tensor.end}, but the file holds ${available} bytes of tensors`,
        offset: tensor.offset,
      });
      gaps.push({ why: `the bytes of tensor ${name} are not all there: the file is cut short or its header lies` });
    }
    if (tensor.begin < covered) {
      add({
        rule: "overlap",
        severity: "high",
        why: `tensor ${name} begins at ${tensor.begin}, inside the tensor before it, which ends at ${covered}`,
        offset: tensor.offset,
      });
    } else if (tensor.begin > covered) hole(covered, tensor.begin, dataStart, add, gaps);
    covered = Math.max(covered, tensor.end);
  }
  if (covered < available) hole(covered, available, dataStart, add, gaps);
}

function hole(from: number, to: number, dataStart: number, add: (flaw: Flaw) => void, gaps: Gap[]): void {
  const place = { offset: dataStart + from, length: to - from };
  const why = `${to - from} bytes after offset ${place.offset} belong to no tensor`;
  add({ rule: "hole", severity: "high", why, ...place });
  if (gaps.length < 100) gaps.push({ why, ...place });
}
