import type { Context } from "./context.ts";
import { blobKeyTime } from "./sealed-file.ts";
import { inSession } from "./session.ts";

/** A registration may take this long from its first byte to its record. */
const defaultAge = 7 * 86_400_000;

/**
 * Removes ciphertext that no stored row names and that is older than `age` milliseconds (7 days): what a process left that died
 * before it could register. Its keys died with the process, so it is rubbish already.
 * @returns how many blobs were removed
 */
export async function sweep(context: Context, age: number = defaultAge): Promise<number> {
  return inSession(context, async () => {
    const referenced = new Set<string>();
    for await (const { blobKey } of context.repository.allObjects()) referenced.add(blobKey);
    const before = context.clock.now() - age;
    let removed = 0;
    for await (const key of context.blobs.list()) {
      const made = blobKeyTime(key);
      if (referenced.has(key) || made === undefined || made > before) continue;
      await context.blobs.delete(key);
      removed += 1;
    }
    return removed;
  });
}
