import type { Hash } from "node:crypto";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** The integrity check of an xz block's data. */
export interface BlockCheck {
  update(bytes: Uint8Array): void;
  /** In the form in which it is stored. */
  value(): Buffer;
}

/** Bytes of a check by its id (xz file format 1.2.0, §2.1.1.2). */
export const checkSizes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const;

/** The check with this id; undefined for none, and for ids that no version of the format defines. */
export function blockCheck(id: number): BlockCheck | undefined {
  if (id === 1) return crc32Check();
  if (id === 4) return crc64Check();
  if (id === 10) return sha256Check(createHash("sha256"));
  return undefined;
}

function crc32Check(): BlockCheck {
  let sum = 0;
  return {
    update: (bytes) => void (sum = crc32(bytes, sum)),
    value: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(sum);
      return bytes;
    },
  };
}

function sha256Check(hash: Hash): BlockCheck {
  return { update: (bytes) => void hash.update(bytes), value: () => hash.digest() };
}

// CRC-64 of ECMA-182, reflected, in two halves of 32 bits.
const low = new Uint32Array(256);
const high = new Uint32Array(256);
for (let n = 0; n < 256; n++) {
  let l = n;
  let h = 0;
  for (let bit = 0; bit < 8; bit++) {
    const odd = l & 1;
    l = ((l >>> 1) | (h << 31)) >>> 0;
    h >>>= 1;
    if (odd) {
      l = (l ^ 0xd7870f42) >>> 0;
      h = (h ^ 0xc96c5795) >>> 0;
    }
  }
  low[n] = l;
  high[n] = h;
}

function crc64Check(): BlockCheck {
  let l = 0xffffffff;
  let h = 0xffffffff;
  return {
    update(bytes) {
      for (let at = 0; at < bytes.length; at++) {
        const index = (l ^ bytes[at]!) & 0xff;
        l = ((l >>> 8) | (h << 24)) ^ low[index]!;
        h = (h >>> 8) ^ high[index]!;
      }
    },
    value() {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32LE(~l >>> 0, 0);
      bytes.writeUInt32LE(~h >>> 0, 4);
      return bytes;
    },
  };
}
