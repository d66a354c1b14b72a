import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { fail } from "../../kit/errors.ts";

/**
 * Creates an empty file with permissions 0600, and its parents with 0700 where they are missing; durable when it returns.
 * @returns false when the file existed already (it is left alone) @throws IO, STORAGE_FULL
 */
export function createPrivately(path: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    syncFile(path, "wx");
    syncFolder(dirname(path));
    return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST" && existsSync(path)) return false;
    const kind = code === "ENOSPC" ? "STORAGE_FULL" : "IO";
    return fail(kind, {
      message: `The store's file cannot be created: ${(cause as Error).message}`,
      where: path,
      next: "Choose a folder you may write to.",
      cause,
    });
  }
}

/** Waits until the file's bytes are on the disk. */
export function syncFile(path: string, flags: "wx" | "r+" = "r+"): void {
  const file = openSync(path, flags, 0o600);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Waits until the folder's entries are on the disk. Windows cannot and need not. */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
