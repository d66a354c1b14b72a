import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { ioError } from "../home/durable-file.ts";

/** An open file as a source. */
export interface FileSource extends ByteSource {
  /** True when the file is not what it was when it was opened. */
  changed(): boolean;
  close(): void;
}

/** Files up to this size are read at once. */
const wholeLimit = 256 * 1024;
/** Bytes read ahead for small reads of larger files. */
const window = 256 * 1024;

/**
 * Opens a regular file for reading. Never waits for a pipe and never follows a link at the end of the path.
 * @throws IO, NOT_FOUND, FORBIDDEN; MALFORMED when it is no regular file any more
 */
export function openFileSource(location: string): FileSource {
  let descriptor: number;
  try {
    descriptor = openSync(location, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    throw ioError(error, location);
  }
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) {
    closeSync(descriptor);
    fail("MALFORMED", "it is no regular file");
  }
  return {
    ...descriptorSource(descriptor, stat.size, location),
    changed() {
      const now = fstatSync(descriptor);
      return now.size !== stat.size || now.mtimeMs !== stat.mtimeMs || now.ino !== stat.ino;
    },
    close: () => closeSync(descriptor),
  };
}

/** The first `size` bytes of an open file; small reads are served from a window that is read ahead. */
export function descriptorSource(descriptor: number, size: number, location: string): ByteSource {
  let held: Uint8Array = new Uint8Array();
  let heldFrom = 0;
  return {
    size,
    read(offset, length) {
      const from = Math.min(Math.max(0, offset), size);
      const to = Math.min(Math.max(from, from + length), size);
      if (from === to) return new Uint8Array();
      if (from >= heldFrom && to <= heldFrom + held.length) return held.subarray(from - heldFrom, to - heldFrom);
      const whole = size <= wholeLimit;
      const start = whole ? 0 : from;
      const wanted = whole ? size : Math.max(to - from, Math.min(window, size - from));
      const bytes = readFully(descriptor, start, wanted, location);
      if (wanted <= window) {
        held = bytes;
        heldFrom = start;
      }
      return bytes.subarray(from - start, to - start);
    },
  };
}

function readFully(descriptor: number, offset: number, length: number, location: string): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  try {
    while (done < length) {
      const count = readSync(descriptor, bytes, done, length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
  } catch (error) {
    throw ioError(error, location);
  }
  return bytes.subarray(0, done);
}
