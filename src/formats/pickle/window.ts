import type { ByteSource } from "../../core/byte-source.ts";

/**
 * How a reader treats frames. CPython's C unpickler ignores their boundaries when it reads from memory ("memory"), but
 * loses the rest of a frame when an argument crosses its end while it reads from a file without peek ("file"); the
 * unpickler written in Python, which joblib and pandas use, refuses that and reads short frames ("python").
 */
export type Dialect = "memory" | "file" | "python";

const windowSize = 1 << 20;

/**
 * A moving window over a byte source with the buffering of CPython's unpicklers (`_Unpickler_Read`, `_Unframer`).
 * `buf[pos]` is the next byte, and everything below `end` may be read without asking.
 */
export class Window {
  readonly source: ByteSource;
  readonly dialect: Dialect;
  buf: Uint8Array = new Uint8Array(0);
  /** Place of buf[0] in the source. */
  base = 0;
  pos = 0;
  end = 0;
  /** Where the frame being read ends, Infinity outside frames. */
  frameEnd = Number.POSITIVE_INFINITY;
  /** First place where readers of different make disagree about frames. */
  frameTrouble = -1;
  /** Set when the Python reader refuses an argument that crosses a frame's end. */
  refused = false;

  constructor(source: ByteSource, dialect: Dialect) {
    this.source = source;
    this.dialect = dialect;
  }

  /** The place of the next byte. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** Continues at `offset`, outside frames. */
  seek(offset: number): void {
    this.frameEnd = Number.POSITIVE_INFINITY;
    this.moveTo(offset);
  }

  /** Makes the next `count` bytes readable in `buf` at `pos`; false when there are not so many. */
  need(count: number): boolean {
    if (this.pos + count <= this.end) return true;
    if (!this.leaveFrame(count)) return false;
    const at = this.base + this.pos;
    if (this.source.size - at < count) return false;
    if (this.pos + count > this.buf.length) this.refill(at, count);
    this.bound();
    return this.pos + count <= this.end;
  }

  /** Passes `count` payload bytes, which may be far more than the window; false when there are not so many. */
  skip(count: number): boolean {
    if (this.pos + count <= this.end) {
      this.pos += count;
      return true;
    }
    const at = this.base + this.pos;
    if (this.source.size - at < count) return false;
    if (at + count > this.frameEnd) {
      // C reads payloads across a frame's end without losing bytes; the Python reader does not accept that.
      if (at < this.frameEnd) {
        this.trouble(at);
        if (this.dialect === "python") return this.refuse();
      }
      this.frameEnd = Number.POSITIVE_INFINITY;
    }
    this.moveTo(at + count);
    return true;
  }

  /** Passes `count` bytes as C's `_Unpickler_Read` does, which loses the rest of a frame that ends before them. */
  skipWhole(count: number): boolean {
    if (this.pos + count <= this.end) {
      this.pos += count;
      return true;
    }
    return this.leaveFrame(count) && this.skip(count);
  }

  /** Starts a frame of `length` bytes after its header, as `load_frame` does; false when C would call it truncated. */
  enterFrame(length: number): boolean {
    const at = this.base + this.pos;
    // No writer starts a frame inside another one.
    if (at < this.frameEnd && this.frameEnd !== Number.POSITIVE_INFINITY) {
      this.trouble(at);
      if (this.dialect === "python") return this.refuse();
      if (this.dialect === "file" && at + length > this.frameEnd) this.moveTo(this.frameEnd);
      else if (this.dialect === "file") return true;
    }
    const start = this.base + this.pos;
    if (start + length > this.source.size) {
      this.trouble(at);
      if (this.dialect !== "python") return false;
    }
    this.frameEnd = Math.min(start + length, this.source.size);
    this.bound();
    return true;
  }

  /**
   * The length of the line that starts here, its newline included, or -1 when it has none. The line is in `buf` when
   * it is not longer than the window. Does not move.
   */
  line(): number {
    const near = this.buf.indexOf(10, this.pos);
    if (near >= 0 && near < this.end) return near - this.pos + 1;
    let at = this.base + this.pos;
    if (this.frameEnd !== Number.POSITIVE_INFINITY) {
      if (this.dialect === "python" && at < this.frameEnd) {
        const length = this.scanLine(at, this.frameEnd);
        if (length < 0) this.refuse();
        return length;
      }
      if (this.dialect === "file" && at < this.frameEnd) {
        const inside = this.scanLine(at, this.frameEnd);
        if (inside >= 0) return inside;
        this.trouble(at);
        this.frameEnd = Number.POSITIVE_INFINITY;
        at = this.moveTo(this.endOfFrame);
      } else if (at === this.frameEnd) {
        this.frameEnd = Number.POSITIVE_INFINITY;
        this.bound();
      }
    }
    const length = this.scanLine(at, this.source.size);
    if (at + length > this.frameEnd) {
      this.trouble(at);
      this.frameEnd = Number.POSITIVE_INFINITY;
      this.bound();
    }
    return length;
  }

  private endOfFrame = 0;

  private scanLine(at: number, limit: number): number {
    for (let from = at; from < limit; ) {
      const chunk = this.source.read(from, Math.min(windowSize, limit - from));
      if (chunk.length === 0) return -1;
      const found = chunk.indexOf(10);
      if (found >= 0) {
        const length = from + found + 1 - at;
        if (length <= windowSize) this.refill(at, length);
        this.bound();
        return length;
      }
      from += chunk.length;
    }
    return -1;
  }

  private leaveFrame(count: number): boolean {
    const at = this.base + this.pos;
    if (at + count <= this.frameEnd) return true;
    if (at < this.frameEnd) {
      this.trouble(at);
      if (this.dialect === "python") return this.refuse();
      if (this.dialect === "file") this.moveTo(this.frameEnd);
    }
    this.frameEnd = Number.POSITIVE_INFINITY;
    this.bound();
    return true;
  }

  /** Where the file stands once STOP has been read: a reader without peek has taken the whole frame. */
  endAfterStop(): number {
    const at = this.base + this.pos;
    if (this.frameEnd === Number.POSITIVE_INFINITY || at === this.frameEnd) return at;
    this.trouble(at);
    return this.dialect === "memory" ? at : this.frameEnd;
  }

  /** Notes that bytes are taken past a frame that is not read to its end. */
  disorder(): void {
    this.trouble(this.base + this.pos);
    this.frameEnd = Number.POSITIVE_INFINITY;
    this.bound();
  }

  private trouble(at: number): void {
    if (this.frameTrouble < 0) this.frameTrouble = at;
    this.endOfFrame = this.frameEnd;
  }

  private refuse(): false {
    this.refused = true;
    return false;
  }

  private moveTo(at: number): number {
    if (at >= this.base && at <= this.base + this.buf.length) this.pos = at - this.base;
    else this.refill(at, 0);
    this.bound();
    return at;
  }

  private refill(at: number, count: number): void {
    this.buf = this.source.read(at, Math.max(windowSize, count));
    this.base = at;
    this.pos = 0;
  }

  private bound(): void {
    this.end = Math.min(this.buf.length, Math.max(this.pos, this.frameEnd - this.base));
  }
}
