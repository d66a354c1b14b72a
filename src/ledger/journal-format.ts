import { crc32 } from "node:zlib";
import { equalBytes, sha256, utf8 } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { maxEntryLength } from "./tile.ts";

// The journal: what was acknowledged but may not be in tiles yet. Segments `journal/<first index>.log` hold batches;
// one batch is one write and one fdatasync, and is written only when the one before it is durable. Big-endian:
//   segment  "CASTJRN1" ‖ first index u64 ‖ SHA-256(origin)[:16] ‖ SHA-256 of these 32 bytes
//   batch    "BTCH" ‖ count u32 ‖ first index u64 ‖ body length u32 ‖ CRC-32 of these 20 bytes
//            ‖ body: per entry length u16 ‖ bytes ‖ SHA-256(digest before ‖ head ‖ body)
// The digests chain: no batch can be changed, dropped, moved or taken from elsewhere unseen.

const segmentMagic = utf8("CASTJRN1");
const batchMagic = utf8("BTCH");
export const segmentHeadLength = 64;
const batchHeadLength = 24;
const digestLength = 32;
const sectorLength = 512;

/** Most bytes of entries one batch carries. */
export const maxBatchBody = 8 * 1024 * 1024;
/** A segment that has grown to this many bytes is followed by a new one. */
export const segmentLimit = 16 * 1024 * 1024;
/** Longest a segment can become, in bytes. */
export const maxSegmentLength = segmentLimit + maxBatchBody + maxEntryLength + 1024;

/** The head of a segment; its last 32 bytes start the chain of digests. */
export function segmentHead(origin: string, first: number): Uint8Array {
  const head = Buffer.alloc(segmentHeadLength);
  head.set(segmentMagic);
  head.writeBigUInt64BE(BigInt(first), 8);
  head.set(sha256(utf8(origin)).subarray(0, 16), 16);
  head.set(sha256(head.subarray(0, 32)), 32);
  return head;
}

/** A batch of framed entries (see tile.ts encodeEntry), to be written after the batch or head that ended in `chain`. */
export function encodeBatch(chain: Uint8Array, first: number, framed: readonly Uint8Array[]): Uint8Array {
  const bodyLength = framed.reduce((sum, one) => sum + one.length, 0);
  const batch = Buffer.allocUnsafe(batchHeadLength + bodyLength + digestLength);
  batch.set(batchMagic);
  batch.writeUInt32BE(framed.length, 4);
  batch.writeBigUInt64BE(BigInt(first), 8);
  batch.writeUInt32BE(bodyLength, 16);
  batch.writeUInt32BE(crc32(batch.subarray(0, 20)), 20);
  let at = batchHeadLength;
  for (const one of framed) {
    batch.set(one, at);
    at += one.length;
  }
  batch.set(sha256(chain, batch.subarray(0, at)), at);
  return batch;
}

/** The digest that ends a head or batch. */
export function chainOf(written: Uint8Array): Uint8Array {
  return Uint8Array.from(written.subarray(written.length - digestLength));
}

/**
 * The entries of a segment in order, as views of `bytes`. Only the end of the `last` segment may be torn: it is cut short, or a disk sector of it
 * is zero because a power cut came before it was written. Everything else that does not check was once durable and is damage.
 * @throws INTEGRITY naming `where` and the byte
 */
export function readSegment(
  bytes: Uint8Array,
  origin: string,
  first: number,
  last: boolean,
  where: string,
): Uint8Array[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  const damaged = (at: number, why: string): never =>
    fail("INTEGRITY", {
      message: `the journal is damaged at byte ${at}: ${why}`,
      where,
      next: "Restore the log from its backup; do not delete the journal, it holds entries that are nowhere else.",
    });
  /** A write that a crash cut short: of the last segment only, and with nothing whole behind it. */
  const torn = (at: number, end: number) =>
    last && (end > file.length || (lostSector(file, at, end) && !batchAfter(file, end)));

  if (!equalBytes(file.subarray(0, segmentHeadLength), segmentHead(origin, first)))
    return torn(0, segmentHeadLength) ? [] : damaged(0, "its head does not belong to this log and place");
  let chain: Uint8Array = file.subarray(32, segmentHeadLength);
  let at = segmentHeadLength;
  while (at < file.length) {
    const bodyAt = at + batchHeadLength;
    const head = file.subarray(at, bodyAt);
    if (!isBatchHead(head)) return torn(at, bodyAt) ? entries : damaged(at, "the head of a batch is wrong");
    const bodyLength = head.readUInt32BE(16);
    const index = Number(head.readBigUInt64BE(8));
    if (index !== first + entries.length) return damaged(at, "a batch is out of order");
    if (bodyLength > maxBatchBody + maxEntryLength + 2) return damaged(at, "a batch is too long");
    const digestAt = bodyAt + bodyLength;
    const end = digestAt + digestLength;
    const digest = file.subarray(digestAt, end);
    if (!equalBytes(sha256(chain, file.subarray(at, digestAt)), digest))
      return torn(at, end) ? entries : damaged(at, "a batch does not have its digest");
    readBody(file.subarray(bodyAt, digestAt), head.readUInt32BE(4), entries, () =>
      damaged(at, "a batch is miscounted"),
    );
    chain = digest;
    at = end;
  }
  return entries;
}

function isBatchHead(head: Buffer): boolean {
  return (
    head.length === batchHeadLength &&
    equalBytes(head.subarray(0, 4), batchMagic) &&
    crc32(head.subarray(0, 20)) === head.readUInt32BE(20)
  );
}

function batchAfter(file: Buffer, from: number): boolean {
  for (let at = file.indexOf(batchMagic, from); at >= 0; at = file.indexOf(batchMagic, at + 1))
    if (isBatchHead(file.subarray(at, at + batchHeadLength))) return true;
  return false;
}

function readBody(body: Uint8Array, count: number, into: Uint8Array[], miscounted: () => never): void {
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 2 > body.length) miscounted();
    const end = at + 2 + body[at]! * 256 + body[at + 1]!;
    if (end > body.length) miscounted();
    into.push(body.subarray(at + 2, end));
    at = end;
  }
  if (at !== body.length) miscounted();
}

/**
 * True when a disk sector that reaches into bytes `from` … `end` of the file was never written: what lies in it from `from`
 * on is zero.
 */
function lostSector(file: Uint8Array, from: number, end: number): boolean {
  for (let sector = from - (from % sectorLength); sector < end; sector += sectorLength) {
    const part = file.subarray(Math.max(sector, from), sector + sectorLength);
    if (part.length > 0 && part.every((byte) => byte === 0)) return true;
  }
  return false;
}
