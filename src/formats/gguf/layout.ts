import type { Flaw } from "../reading/flaw.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import type { Window } from "../reading/window.ts";
import { tensorType } from "./tensor-types.ts";

/** A tensor as the file states it; `offset` counts from the start of the tensor data. */
export interface GgufTensor {
  readonly name: string;
  readonly dimensions: readonly bigint[];
  readonly type: number;
  readonly offset: bigint;
  /** Where the tensor is described. */
  readonly at: number;
}

/** Bytes the tensor occupies; undefined when its type is unknown or its shape impossible. */
export function sizeOf(tensor: GgufTensor): bigint | undefined {
  const type = tensorType(tensor.type);
  if (!type) return undefined;
  const elements = tensor.dimensions.reduce((product, dimension) => product * dimension, 1n);
  const row = tensor.dimensions[0] ?? 1n;
  if (row % BigInt(type.block) !== 0n || elements > 2n ** 63n - 1n) return undefined;
  return (elements / BigInt(type.block)) * BigInt(type.bytes);
}

/**
 * Accounts for the bytes from `dataStart` to the file's end: every tensor inside, aligned, none over another, nothing between
 * them but zeros.
 */
export function checkLayout(
  tensors: readonly GgufTensor[],
  place: { readonly window: Window; readonly dataStart: number; readonly alignment: number; readonly meter: Meter },
  flaw: (flaw: Flaw) => void,
  gaps: Gap[],
): void {
  const { window, dataStart, alignment, meter } = place;
  const available = BigInt(Math.max(0, window.size - dataStart));
  const sorted = [...tensors].sort((a, b) => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0));
  let covered = 0n;
  for (const [index, tensor] of sorted.entries()) {
    meter.tick();
    const name = JSON.stringify(tensor.name.slice(0, 100));
    const type = tensorType(tensor.type);
    const size = sizeOf(tensor);
    if (size === undefined) {
      if (type) {
        const shape = tensor.dimensions.join(" × ");
        const why = `tensor ${name} (${type.name}) has the impossible shape ${shape}`;
        flaw({ rule: "shape", severity: "high", why, offset: tensor.at });
        gaps.push({ why, offset: tensor.at });
      } else {
        flaw({
          rule: "type",
          severity: "low",
          why: `tensor ${name} has the unknown type ${tensor.type}`,
          offset: tensor.at,
        });
        if (gaps.length < 100)
          gaps.push({ why: `the size of tensor ${name} is not known: its type is`, offset: tensor.at });
      }
    }
    if (tensor.offset % BigInt(alignment) !== 0n) {
      flaw({
        rule: "alignment",
        severity: "medium",
        why: `tensor ${name} lies at ${tensor.offset}, which is no multiple of ${alignment}`,
        offset: tensor.at,
      });
    }
    const end = tensor.offset + (size ?? unknownSize(tensor, sorted[index + 1], available));
    if (end > available) {
      // A file cut short loses the tail of its last tensors; offsets far outside were written on purpose.
      const cut = tensor.offset <= align(covered, alignment);
      flaw({
        rule: "beyond-end",
        severity: cut ? "medium" : "high",
        why: `tensor ${name} ends at ${end}, but the file holds ${available} bytes of tensors`,
        offset: tensor.at,
      });
      if (gaps.length < 100) gaps.push({ why: `the bytes of tensor ${name} are not all there`, offset: tensor.at });
    }
    if (tensor.offset < covered && size !== 0n) {
      flaw({
        rule: "overlap",
        severity: "high",
        why: `tensor ${name} begins at ${tensor.offset}, inside the tensor before it, which ends at ${covered}`,
        offset: tensor.at,
      });
    } else hole(covered, tensor.offset, place, flaw, gaps);
    if (end > covered) covered = end;
  }
  hole(covered, available, place, flaw, gaps);
}

/** `value` rounded up to a multiple of `alignment`. */
export function align(value: bigint, alignment: number): bigint {
  const unit = BigInt(alignment);
  return ((value + unit - 1n) / unit) * unit;
}

function unknownSize(tensor: GgufTensor, next: GgufTensor | undefined, available: bigint): bigint {
  const end = next ? next.offset : available;
  return end > tensor.offset ? end - tensor.offset : 0n;
}

/** Bytes between tensors may only be padding: less than one alignment of zeros. */
function hole(
  from: bigint,
  to: bigint,
  place: { readonly window: Window; readonly dataStart: number; readonly alignment: number; readonly meter: Meter },
  flaw: (flaw: Flaw) => void,
  gaps: Gap[],
): void {
  const { window, dataStart, alignment, meter } = place;
  const end = to < BigInt(window.size - dataStart) ? to : BigInt(window.size - dataStart);
  if (from >= end) return;
  const length = Number(end - from);
  const offset = dataStart + Number(from);
  const padding = end <= align(from, alignment) && length < 65_536;
  if (padding && window.zeros(offset, length, () => meter.tick())) return;
  const why = padding
    ? `${length} bytes of padding after offset ${offset} are not zero`
    : `${length} bytes after offset ${offset} belong to no tensor`;
  flaw({ rule: padding ? "padding" : "hole", severity: padding ? "low" : "medium", why, offset, length });
  if (gaps.length < 100) gaps.push({ why, offset, length });
}
