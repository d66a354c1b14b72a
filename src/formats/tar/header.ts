// Field places of POSIX.1-1988 ustar (pax(1), "ustar Interchange Format"), the V7 format and the GNU extensions.

export const blockSize = 512;

/** One header block. */
export interface TarHeader {
  readonly type: string;
  readonly name: string;
  readonly target: string;
  readonly size: number;
  /** Fields whose numbers readers take differently. */
  readonly oddNumbers: readonly string[];
  readonly block: Buffer;
}

/** True when the block's checksum is right, counting bytes as unsigned or, as old programs did, as signed. */
export function checksumFits(block: Uint8Array): boolean {
  if (block.length < blockSize) return false;
  const stated = Buffer.from(block.buffer, block.byteOffset + 148, 8).toString("latin1");
  const digits = /^[ \0]*([0-7]{1,8})[ \0]*/.exec(stated)?.[1];
  if (digits === undefined) return false;
  let unsigned = 8 * 32;
  let high = 0;
  for (let n = 0; n < blockSize; n++) {
    if (n === 148) n = 156;
    const byte = block[n]!;
    unsigned += byte;
    high += byte >>> 7;
  }
  const sum = Number.parseInt(digits, 8);
  return sum === unsigned || sum === unsigned - 256 * high;
}

/** Reads a header whose checksum fits. The size is NaN when it is no number at all. */
export function parseHeader(block: Buffer): TarHeader {
  const oddNumbers: string[] = [];
  const size = number(block.subarray(124, 136));
  if (size.odd) oddNumbers.push("size");
  if (number(block.subarray(148, 156)).odd) oddNumbers.push("checksum");
  const magic = block.toString("latin1", 257, 265);
  // POSIX has a prefix for long names; GNU uses the place for times.
  const prefix = magic.startsWith("ustar\0") ? text(block.subarray(345, 500)) : "";
  const name = text(block.subarray(0, 100));
  return {
    type: String.fromCharCode(block[156]!),
    name: prefix === "" ? name : `${prefix}/${name}`,
    target: text(block.subarray(157, 257)),
    size: size.value,
    oddNumbers,
    block,
  };
}

/** Text up to a NUL. Not all archives are UTF-8: then bytes stand for themselves. */
export function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, end < 0 ? bytes.length : end);
  const decoded = view.toString("utf8");
  return decoded.includes("\ufffd") ? view.toString("latin1") : decoded;
}

/** A numeric field: octal digits, or GNU's base 256 with the first bit set. */
export function number(field: Uint8Array): { value: number; odd: boolean } {
  const first = field[0]!;
  if (first & 0x80) {
    let value = first & 0x40 ? -1 : first & 0x3f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return { value, odd: value < 0 || value > Number.MAX_SAFE_INTEGER };
  }
  const written = Buffer.from(field).toString("latin1");
  const digits = /^ *([0-7]*)[ \0]*$/.exec(written)?.[1];
  if (digits !== undefined) return { value: digits === "" ? 0 : Number.parseInt(digits, 8), odd: false };
  // What follows a NUL is ignored by some; Python also takes "0o17" and "1_7".
  const loose = /^\s*(?:0o)?([0-7_]+)/i.exec(written.split("\0")[0]!)?.[1];
  return {
    value:
      loose === undefined ? (written.startsWith("\0") ? 0 : Number.NaN) : Number.parseInt(loose.replaceAll("_", ""), 8),
    odd: true,
  };
}
