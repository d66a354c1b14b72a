import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { fail } from "../../kit/errors.ts";
import { ioError } from "../home/durable-file.ts";

/** The bytes of a file a user named. Folders, devices and files over `limit` bytes are refused. @throws NOT_FOUND · USAGE · LIMIT */
export function readDocument(path: string, what: string, limit: number): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const { size } = fstatSync(file);
    if (!fstatSync(file).isFile()) fail("USAGE", { message: `${what} is not a regular file`, where: path });
    if (size > limit) fail("LIMIT", { message: `${what} is larger than ${limit} bytes`, where: path });
    const bytes = Buffer.alloc(size);
    let read = 0;
    for (let got = -1; read < size && got !== 0; read += got) got = readSync(file, bytes, read, size - read, read);
    return bytes.subarray(0, read);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw ioError(error, path);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
