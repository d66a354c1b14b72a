import type { ExtraField, ZipHeader } from "./records.ts";

/**
 * Extra fields whose content is known, with what they may hold (APPNOTE §4.5, and what zip tools really write). Sizes are bytes.
 * Anything else in an extra area could be a payload that somebody points a loader to.
 */
const known: ReadonlyMap<number, (data: Buffer) => boolean> = new Map([
  [0x0001, (data) => data.length <= 32], // zip64 sizes
  [0x000a, (data) => data.length <= 64], // NTFS times
  [0x000d, (data) => data.length <= 64], // Unix, old
  [0x5455, (data) => data.length <= 16], // times
  [0x5855, (data) => data.length <= 16], // Info-ZIP Unix, first
  [0x7855, (data) => data.length <= 8], // Info-ZIP Unix, second
  [0x7875, (data) => data.length <= 24], // user and group ids
  [0x9901, (data) => data.length <= 16], // AES parameters
  [0xcafe, (data) => data.length === 0], // marks a jar
  [0x7075, (data) => isText(data.subarray(5)) && !data.includes(0x0a, 5)], // name in UTF-8
  [0x6375, (data) => isText(data.subarray(5))], // comment in UTF-8
  [0x4246, (data) => data.every((byte) => byte === 0x5a)], // PyTorch's padding: the letter Z
  [0xd935, (data) => data.subarray(2).every((byte) => byte === 0)], // Android's padding
]);

/** What of a header's extra area and comment nothing accounts for, in a sentence; undefined when all of it is accounted for. */
export function unexplainedBytes(header: ZipHeader & { readonly comment?: Buffer }): string | undefined {
  const odd = header.extras.find((field) => !explained(field));
  if (odd)
    return `the extra field 0x${odd.id.toString(16).padStart(4, "0")} holds ${odd.data.length} bytes that nothing accounts for`;
  if (header.comment && !isText(header.comment)) return "the comment of the entry is not text";
  return undefined;
}

/** True for bytes that are printable text in UTF-8 (or nothing at all). */
export function isText(bytes: Buffer): boolean {
  if (bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) return false;
  return Buffer.from(bytes.toString("utf8")).equals(bytes) && !bytes.includes(0x7f);
}

function explained({ id, data }: ExtraField): boolean {
  if (data.every((byte) => byte === 0)) return true;
  return known.get(id)?.(data) ?? false;
}
