import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex, utf8 } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import type { WitnessState } from "./witness.ts";

/**
 * Witness state as one file per log in `dir`, named by the SHA-256 of the log's origin (origins come from outside and
 * never reach a path). A file is replaced as a whole: after a crash the old or the new note is there, never a mixture.
 * The caller sees to it that one process alone uses the folder.
 */
export async function diskWitnessState(dir: string): Promise<WitnessState> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const pathOf = (origin: string): string => join(dir, `${sha256Hex(utf8(origin))}.checkpoint`);
  return {
    async read(origin) {
      try {
        return await readFile(pathOf(origin), "utf8");
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        return fail("IO", { message: "the witness's state cannot be read", where: pathOf(origin), cause });
      }
    },
    async write(origin, note) {
      const path = pathOf(origin);
      try {
        await writeDurably(path, note, dir);
      } catch (cause) {
        const code = (cause as NodeJS.ErrnoException).code === "ENOSPC" ? "STORAGE_FULL" : "IO";
        fail(code, { message: "the witness's state cannot be written; nothing was cosigned", where: path, cause });
      }
    },
  };
}

async function writeDurably(path: string, text: string, dir: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dir, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
