import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { fail, isCastellanError } from "../../kit/errors.ts";

/**
 * Writes a whole file so that after a crash either the old content or the new one is there, never a part.
 * @param mode permission bits of a new file, e.g. 0o600 for secrets
 * @throws CONFLICT when `exclusive` and the file exists · STORAGE_FULL · IO
 */
export function writeDurably(path: string, content: string | Uint8Array, mode = 0o644, exclusive = false): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  if (exclusive) return writeExclusively(path, bytes, mode);
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeExclusively(draft, bytes, mode);
    renameSync(draft, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(draft, { force: true });
    throw isCastellanError(error) ? error : ioError(error, path);
  }
}

function writeExclusively(path: string, bytes: Uint8Array, mode: number): void {
  let file: number | undefined;
  try {
    file = openSync(path, "wx", mode);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    fsyncSync(file);
    closeSync(file);
    syncFolder(dirname(path));
  } catch (error) {
    if (file !== undefined) rmSync(path, { force: true });
    throw ioError(error, path);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The operating system's complaint about `path` in our terms. */
export function ioError(error: unknown, path: string): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const facts = { where: path, cause: error };
  try {
    if (code === "EEXIST")
      fail("CONFLICT", {
        ...facts,
        message: "The file exists already",
        next: "Choose another name; existing files are never overwritten.",
      });
    if (code === "ENOENT") fail("NOT_FOUND", { ...facts, message: "There is no such file or folder" });
    if (code === "EACCES" || code === "EPERM")
      fail("IO", {
        ...facts,
        message: "The operating system refuses access",
        next: "Check the owner and the permissions.",
      });
    if (code === "ENOSPC" || code === "EDQUOT")
      fail("STORAGE_FULL", {
        ...facts,
        message: "The disk is full",
        next: "Free some space and repeat the command; nothing was recorded.",
      });
    return fail("IO", { ...facts, message: `The operating system reports: ${message}` });
  } catch (mapped) {
    return mapped as Error;
  }
}
