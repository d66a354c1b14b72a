import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { flawList } from "../reading/flaw.ts";
import type { Flaw } from "../reading/flaw.ts";
import { gapOf } from "../reading/gap.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { Window } from "../reading/window.ts";
import { align, checkLayout } from "./layout.ts";
import type { GgufTensor } from "./layout.ts";
import { readLength, readString, readValue } from "./values.ts";
import type { GgufValue, ValueReader } from "./values.ts";

/** A key of the metadata. */
export interface GgufEntry {
  readonly key: string;
  readonly offset: number;
  readonly value: GgufValue;
}

/** A template the file carries: where its text lies. */
export interface GgufTemplate {
  readonly key: string;
  readonly offset: number;
  readonly length: number;
}

/** A GGUF file without its tensors. */
export interface GgufFile {
  readonly version: number;
  readonly bigEndian: boolean;
  readonly metadata: readonly GgufEntry[];
  readonly tensors: readonly GgufTensor[];
  /** Every string under a key that names a template. Duplicate keys give several. */
  readonly templates: readonly GgufTemplate[];
  readonly flaws: readonly Flaw[];
  readonly gaps: readonly Gap[];
}

const mostEntries = 100_000;
const mostTensors = 250_000;
const longestName = 65_535;
const mostDimensions = 4;

/**
 * Reads a GGUF file of version 1 to 3, little- or big-endian, and accounts for every byte. Tensors are not read.
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 * @throws MALFORMED without the magic; UNSUPPORTED for other versions
 */
export function parseGguf(source: ByteSource, meter: Meter): GgufFile {
  const window = new Window(source, "GGUF");
  if (source.size < 8 || window.u32(0) !== 0x46554747) fail("MALFORMED", "Not a GGUF file: the magic is missing");
  const bigEndian = (window.u32(4) & 0xffff) === 0;
  if (bigEndian) window.useByteOrder(false);
  const version = window.u32(4);
  if (version < 1 || version > 3) fail("UNSUPPORTED", `GGUF version ${version} is not known`);
  const { flaws, add } = flawList();
  const gaps: Gap[] = [];
  const metadata: GgufEntry[] = [];
  const tensors: GgufTensor[] = [];
  const from: ValueReader = { window, meter, lengthBytes: version === 1 ? 4 : 8, flaw: add };
  try {
    const next = readMetadata(from, metadata, tensors);
    const alignment = alignmentOf(metadata, add);
    const dataStart = Number(align(BigInt(next), alignment));
    if (dataStart - next < 65_536 && dataStart <= source.size) {
      if (!window.zeros(next, dataStart - next, () => meter.tick())) {
        const why = `the ${dataStart - next} bytes between header and tensors are not zero`;
        add({ rule: "padding", severity: "low", why, offset: next });
        gaps.push({ why, offset: next, length: dataStart - next });
      }
    } else if (tensors.length > 0 || dataStart - next >= 65_536) {
      add({ rule: "beyond-end", severity: "high", why: `the tensors would begin at ${dataStart}`, offset: next });
      gaps.push({ why: `the bytes after ${next} belong to nothing`, offset: next });
    }
    checkLayout(tensors, { window, dataStart, alignment, meter }, add, gaps);
  } catch (error) {
    gaps.push(gapOf(error));
  }
  return { version, bigEndian, metadata, tensors, templates: templatesOf(metadata, gaps), flaws, gaps };
}

/** Reads counts, metadata and tensor descriptions into the lists; returns where they end. */
function readMetadata(from: ValueReader, metadata: GgufEntry[], tensors: GgufTensor[]): number {
  const { window, meter, lengthBytes } = from;
  // The smallest entry is a one-byte value under an empty key; the smallest tensor has no dimension.
  const tensorCount = readLength(from, 8, lengthBytes + 16, "the number of tensors");
  const entryCount = readLength(from, 8 + lengthBytes, lengthBytes + 5, "the number of metadata entries");
  if (entryCount > mostEntries) fail("LIMIT", `The file has more than ${mostEntries} metadata entries`);
  if (tensorCount > mostTensors) fail("LIMIT", `The file has more than ${mostTensors} tensors`);
  let at = 8 + 2 * lengthBytes;
  const keys = new Set<string>();
  for (let index = 0; index < entryCount; index++) {
    const name = readName(from, at, "a key", keys);
    const { value, next } = readValue(from, window.u32(name.next), name.next + 4);
    metadata.push({ key: name.text, offset: at, value });
    meter.hold(200);
    at = next;
  }
  const names = new Set<string>();
  for (let index = 0; index < tensorCount; index++) {
    const name = readName(from, at, "a tensor's name", names);
    const count = window.u32(name.next);
    if (count > mostDimensions) {
      from.flaw({
        rule: "dimensions",
        severity: "high",
        why: `tensor ${JSON.stringify(name.text.slice(0, 100))} states ${count} dimensions; ${mostDimensions} are possible`,
        offset: name.next,
      });
      fail("MALFORMED", `A tensor states ${count} dimensions`);
    }
    let next = name.next + 4;
    const dimensions: bigint[] = [];
    for (let axis = 0; axis < count; axis++, next += lengthBytes) {
      dimensions.push(lengthBytes === 8 ? window.u64(next) : BigInt(window.u32(next)));
    }
    tensors.push({ name: name.text, dimensions, type: window.u32(next), offset: window.u64(next + 4), at });
    meter.hold(300);
    at = next + 12;
  }
  return at;
}

function readName(from: ValueReader, at: number, what: string, seen: Set<string>): { text: string; next: number } {
  const { offset, length, next } = readString(from, at, `the length of ${what}`);
  if (length > longestName) fail("LIMIT", `The length of ${what} is ${length}; ${longestName} is the format's limit`);
  from.meter.hold(2 * length);
  const text = Buffer.from(from.window.bytes(offset, length)).toString("utf8");
  if (seen.has(text)) {
    from.flaw({
      rule: "duplicate-name",
      severity: "high",
      why: `${what} occurs twice: ${JSON.stringify(text.slice(0, 100))}; readers differ in which of the two they take`,
      offset: at,
    });
  }
  seen.add(text);
  return { text, next };
}

function alignmentOf(metadata: readonly GgufEntry[], flaw: (flaw: Flaw) => void): number {
  const entry = metadata.find(({ key }) => key === "general.alignment");
  if (!entry) return 32;
  const stated = entry.value.type === "number" ? Number(entry.value.value) : Number.NaN;
  if (Number.isInteger(stated) && stated > 0 && stated <= 2 ** 31 && (stated & (stated - 1)) === 0) return stated;
  flaw({
    rule: "alignment-value",
    severity: "high",
    why: `general.alignment is ${entry.value.type === "number" ? entry.value.value : `a ${entry.value.type}`}, which is no power of two`,
    offset: entry.offset,
  });
  return fail("MALFORMED", "general.alignment is not a power of two, so the tensors' places are unknown");
}

function templatesOf(metadata: readonly GgufEntry[], gaps: Gap[]): GgufTemplate[] {
  const found: GgufTemplate[] = [];
  for (const { key, value, offset } of metadata) {
    if (!/template/i.test(key)) continue;
    if (value.type === "string") found.push({ key, offset: value.offset, length: value.length });
    else if (/chat_template(\.|$)/.test(key)) {
      gaps.push({
        why: `${JSON.stringify(key.slice(0, 100))} is not a string, so no template can be read from it`,
        offset,
      });
    }
  }
  return found;
}
