import type { ByteSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { inflate } from "../deflate/inflate.ts";
import type { ZipMember } from "./archive.ts";

const longestTarget = 4096;

/** Where a symbolic link points: its contents. Undefined when they cannot be read, or are longer than a path may be. */
export function linkTarget(
  source: ByteSource,
  { dataOffset, packedSize, method, encrypted }: ZipMember,
): string | undefined {
  if (dataOffset === undefined || packedSize > longestTarget || encrypted) return undefined;
  const packed = source.read(dataOffset, packedSize);
  if (method === 0) return Buffer.from(packed).toString("utf8");
  if (method !== 8) return undefined;
  try {
    const target = inflate({ size: packed.length, read: (at, length) => packed.subarray(at, at + length) }).next();
    return target && target.length <= longestTarget ? Buffer.from(target).toString("utf8") : undefined;
  } catch (error) {
    if (!isCastellanError(error)) throw error;
    return undefined;
  }
}
