import type { ByteSource } from "../../../core/byte-source.ts";

/** A source of `size` bytes that are zero except for the given pieces; counts what is read from it. */
export function sparseSource(
  size: number,
  pieces: readonly { readonly at: number; readonly bytes: Uint8Array }[],
): ByteSource & { bytesRead(): number } {
  let total = 0;
  return {
    size,
    bytesRead: () => total,
    read(offset, length) {
      const from = Math.min(Math.max(0, offset), size);
      const result = new Uint8Array(Math.max(0, Math.min(size, offset + length) - from));
      total += result.length;
      for (const { at, bytes } of pieces) {
        const start = Math.max(at, from);
        const end = Math.min(at + bytes.length, from + result.length);
        if (start < end) result.set(bytes.subarray(start - at, end - at), start - from);
      }
      return result;
    },
  };
}
