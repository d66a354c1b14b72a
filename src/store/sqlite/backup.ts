import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fail } from "../../kit/errors.ts";
import { translateSqliteError } from "./errors.ts";
import { createPrivately, syncFile, syncFolder } from "./files.ts";

/**
 * Writes the store at `path`, as it was last committed, into the new file `to` (0600, one plain SQLite file, durable
 * when this returns). Works while other processes use the store.
 * @throws CONFLICT when `to` exists; STORAGE_FULL, IO, INTEGRITY
 */
export function backUpSqlite(path: string, to: string): void {
  if (!createPrivately(to)) fail("CONFLICT", { message: "A file of that name exists", where: to });
  try {
    const source = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    try {
      source.prepare("vacuum into ?").run(to);
    } finally {
      source.close();
    }
  } catch (error) {
    rmSync(to, { force: true });
    throw translateSqliteError(error, "backing up the store", path);
  }
  syncFile(to);
  syncFolder(dirname(to));
}
