import { maxHeaderBytes, versionLine } from "./header.ts";

/** Reads the beginning of a stream piece by piece and leaves the rest to be streamed. */
export interface Front {
  /** The next `length` bytes, or undefined when the stream ends before. */
  take(length: number): Promise<Uint8Array | undefined>;
  /** Bytes up to the end of the age header; when there is none, whatever shows that, at most a little over the largest header. */
  takeHeader(): Promise<Uint8Array>;
  /** Everything not taken. */
  rest(): AsyncIterable<Uint8Array>;
  /** Lets the source release what it holds. */
  close(): Promise<void>;
}

/** A {@link Front} of `source`. The caller closes it. */
export function frontOf(source: AsyncIterable<Uint8Array>): Front {
  const iterator = source[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  let used = 0;

  /** Copies the next piece behind the held bytes, doubling their room; false at the end of the stream. */
  async function more(): Promise<boolean> {
    const step = await iterator.next();
    if (step.done) return false;
    const piece = step.value;
    if (used + piece.length > held.length) {
      const wider = Buffer.alloc(Math.max(2 * held.length, used + piece.length, 1024));
      held.copy(wider, 0, 0, used);
      held = wider;
    }
    held.set(piece, used);
    used += piece.length;
    return true;
  }

  function cut(length: number): Uint8Array {
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    used -= length;
    return taken;
  }

  return {
    async take(length) {
      while (used < length) if (!(await more())) return undefined;
      return cut(length);
    },
    async takeHeader() {
      let searched = 0;
      for (;;) {
        const seen = held.subarray(0, used);
        const known = Math.min(used, versionLine.length);
        if (seen.toString("latin1", 0, known) !== versionLine.slice(0, known)) return cut(used);
        const end = headerEnd(seen, searched);
        if (end !== undefined) return cut(end);
        searched = Math.max(0, used - macLineRoom);
        if (used > maxHeaderBytes || !(await more())) return cut(used);
      }
    },
    async *rest() {
      if (used > 0) yield cut(used);
      for (;;) {
        const step = await iterator.next();
        if (step.done) return;
        yield step.value;
      }
    },
    async close() {
      await iterator.return?.();
    },
  };
}

/** A MAC line and the line feed before it have 49 bytes; searching resumes that far back. */
const macLineRoom = 64;

/** Where the header in `bytes` ends: after the line that begins with `---`, which no other header line may. */
export function headerEnd(bytes: Buffer, from = 0): number | undefined {
  const mark = bytes.indexOf("\n---", from, "latin1");
  const end = mark < 0 ? -1 : bytes.indexOf(10, mark + 4);
  return end < 0 ? undefined : end + 1;
}
