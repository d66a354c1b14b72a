import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fail } from "../kit/errors.ts";
import { checkPath } from "./paths.ts";

/** A place for whole files under "/"-separated relative paths: a folder, a mounted drive, a bucket. */
export interface Folder {
  /** Paths of all files, in no order; none when the place does not exist. */
  list(): AsyncIterable<string>;
  /** @throws NOT_FOUND */
  read(path: string): AsyncIterable<Uint8Array>;
  /** Writes a file, durable and complete when it returns; not at all when the source throws. */
  write(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void>;
}

const draftPrefix = ".castellan-draft-";

/** The folder `root` of the local disk. Follows no symbolic links. Files are made readable to their owner only. */
export function diskFolder(root: string): Folder {
  const place = (path: string) => join(root, ...checkPath(path).split("/"));
  return {
    async *list() {
      yield* walk(root, "");
    },
    async *read(path) {
      const at = place(path);
      const found = await stat(at).catch(() => undefined);
      if (!found?.isFile()) fail("NOT_FOUND", { message: `There is no file ${path}`, where: root });
      yield* createReadStream(at) as AsyncIterable<Uint8Array>;
    },
    async write(path, bytes) {
      const at = place(path);
      await mkdir(dirname(at), { recursive: true, mode: 0o700 });
      const draft = join(dirname(at), draftPrefix + randomBytes(8).toString("hex"));
      try {
        await writeDurably(draft, bytes);
        await rename(draft, at);
        await syncFolder(dirname(at));
      } catch (error) {
        await rm(draft, { force: true });
        throw refusal(error, at);
      }
    },
  };
}

async function* walk(root: string, prefix: string): AsyncGenerator<string, void, void> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw refusal(error, join(root, prefix));
  });
  for (const entry of entries) {
    const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, path);
    else if (entry.isFile() && !entry.name.startsWith(draftPrefix)) yield path;
  }
}

async function writeDurably(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    for await (const chunk of bytes)
      for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The system's refusals as ours; errors of the source pass unchanged. */
function refusal(error: unknown, where: string): unknown {
  const code = error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  try {
    if (code === "ENOSPC" || code === "EDQUOT")
      fail("STORAGE_FULL", { message: "The disk is full", where, cause: error });
    return fail("IO", { message: `The system refused: ${code}`, where, cause: error });
  } catch (ours) {
    return ours;
  }
}
