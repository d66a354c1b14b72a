import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { fail } from "../kit/errors.ts";

/**
 * Reads a file that an option names. Pipes and other endless things are refused, and nothing larger than `limit` bytes
 * is read.
 * @throws USAGE naming `what` when there is no such file or it cannot be read; LIMIT
 */
export function readArgument(path: string, what: string, limit: number): Uint8Array {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "does not exist" : `cannot be read: ${message}`;
    return fail("USAGE", { message: `${what} ${why}`, where: path, cause });
  }
  try {
    const found = fstatSync(fd);
    if (found.isDirectory()) return fail("USAGE", { message: `${what} is a folder, not a file`, where: path });
    // A process substitution such as <(…) is a pipe of unknown length: read it up to the limit like anything else.
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(Math.min(Math.max(found.size + 1, 64 * 1024), 16 * 1024 * 1024));
      const read = readSync(fd, chunk, 0, chunk.length, null);
      if (read === 0) return Buffer.concat(chunks, size);
      size += read;
      if (size > limit) return fail("LIMIT", { message: `${what} is larger than ${limit} bytes`, where: path });
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(fd);
  }
}
