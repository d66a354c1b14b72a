import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { BlobStore } from "../../core/ports.ts";
import { fail } from "../../kit/errors.ts";

/** Stand-in until the disk driver lands. */
export function diskBlobs(dir: string): BlobStore {
  mkdirSync(dir, { recursive: true });
  const at = (key: string) => join(dir, key);
  return {
    async write(key, bytes) {
      let size = 0;
      await pipeline(
        async function* () {
          for await (const chunk of bytes) {
            size += chunk.length;
            yield chunk;
          }
        },
        createWriteStream(`${at(key)}.tmp`),
      );
      renameSync(`${at(key)}.tmp`, at(key));
      return size;
    },
    async *read(key) {
      if (!existsSync(at(key))) fail("NOT_FOUND", `There is no blob ${key}`);
      yield* createReadStream(at(key));
    },
    delete: async (key) => rmSync(at(key), { force: true }),
    has: async (key) => existsSync(at(key)),
    async *list() {
      yield* readdirSync(dir).filter((name) => !name.endsWith(".tmp"));
    },
  };
}
