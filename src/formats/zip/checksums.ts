import { crc32 } from "node:zlib";
import type { ByteSource } from "../../core/byte-source.ts";
import { quoted } from "../container/anomaly.ts";
import type { ZipAnomaly, ZipMember } from "./archive.ts";
import { packedBytes } from "./content.ts";

/** Which stored members' checksums were verified. Compressed ones are verified when they are unpacked. */
export interface StoredChecksums {
  readonly anomalies: readonly ZipAnomaly[];
  /** Members and bytes that were too many to read: "not verified", which is no gap in the examination. */
  readonly unverified: { readonly members: number; readonly bytes: number };
}

const piece = 1024 * 1024;

/** Verifies checksums of stored members, smallest first, as long as they have no more than `most` bytes together. */
export function storedChecksums(
  source: ByteSource,
  members: readonly ZipMember[],
  most: number,
  tick: () => void,
): StoredChecksums {
  const anomalies: ZipAnomaly[] = [];
  let left = most;
  const unverified = { members: 0, bytes: 0 };
  const stored = members.filter(
    (member) => member.method === 0 && !member.encrypted && !member.open && member.dataOffset !== undefined,
  );
  for (const member of stored.sort((a, b) => a.packedSize - b.packedSize)) {
    const packed = packedBytes(source, member);
    if (packed.size > left) {
      unverified.members++;
      unverified.bytes += packed.size;
      continue;
    }
    left -= packed.size;
    let sum = 0;
    for (let at = 0; at < packed.size; at += piece) {
      sum = crc32(packed.read(at, piece), sum);
      tick();
    }
    if (sum !== member.crc) {
      const why = `the checksum of ${quoted(member.name)} does not fit its data`;
      anomalies.push({ code: "damaged", offset: member.headerOffset, why, member: member.name });
    }
  }
  return { anomalies, unverified };
}
