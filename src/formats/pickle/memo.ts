import type { Handle } from "./handle.ts";
import { absent } from "./handle.ts";

const chunkBits = 16;
const chunkSize = 1 << chunkBits;

/**
 * The unpickler's memo: entries by index, dense ones in chunks, far ones in a map. C keeps an array that grows to twice
 * the largest index; nobody can be made to allocate that here.
 */
export class Memo {
  /** How many indices hold a value: what MEMOIZE uses as the next index. */
  count = 0;
  private readonly chunks: (Float64Array | undefined)[] = [];
  private readonly far = new Map<number, Handle>();
  private allocated = 0;
  private readonly maxChunks: number;
  private readonly maxFar: number;

  constructor(maxEntries: number) {
    this.maxChunks = Math.max(1, maxEntries >>> chunkBits);
    this.maxFar = Math.min(100_000, maxEntries);
  }

  /** The value at `index`, or `absent`. */
  get(index: number): Handle {
    if (index < this.maxChunks * chunkSize) {
      const chunk = this.chunks[index >>> chunkBits];
      return chunk === undefined ? absent : chunk[index & (chunkSize - 1)]!;
    }
    return this.far.get(index) ?? absent;
  }

  /** Stores a value; false when the bound on entries is reached. */
  put(index: number, value: Handle): boolean {
    if (index < this.maxChunks * chunkSize) {
      let chunk = this.chunks[index >>> chunkBits];
      if (chunk === undefined) {
        // Indices that are strewn about cost a chunk each: nobody writes such but to exhaust memory.
        const strewn = this.allocated >= 64 && this.count < this.allocated * 1024;
        if (this.allocated >= this.maxChunks || strewn) return false;
        this.allocated++;
        chunk = new Float64Array(chunkSize);
        this.chunks[index >>> chunkBits] = chunk;
      }
      const place = index & (chunkSize - 1);
      if (chunk[place] === absent) this.count++;
      chunk[place] = value;
      return true;
    }
    if (!this.far.has(index)) {
      if (this.far.size >= this.maxFar) return false;
      this.count++;
    }
    this.far.set(index, value);
    return true;
  }
}
