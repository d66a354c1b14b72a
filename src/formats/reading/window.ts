import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";

const windowBytes = 64 * 1024;

/**
 * Reads numbers and short byte strings at any place of a source through one buffered window, so that walking a structure of
 * millions of fields costs few reads and constant memory. Every read past the end throws MALFORMED: the file is cut short, or states
 * lengths it does not have.
 */
export class Window {
  readonly source: ByteSource;
  readonly size: number;
  readonly #what: string;
  readonly #span: number;
  #littleEndian: boolean;
  #start = 0;
  #view: DataView;
  #bytes: Uint8Array;

  /** `what` names the format in errors; `bytes` is how much is read at once. */
  constructor(source: ByteSource, what: string, littleEndian = true, bytes = windowBytes) {
    this.source = source;
    this.size = source.size;
    this.#what = what;
    this.#span = bytes;
    this.#littleEndian = littleEndian;
    this.#bytes = new Uint8Array(0);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** The same bytes read with the other byte order from here on. */
  useByteOrder(littleEndian: boolean): void {
    this.#littleEndian = littleEndian;
  }

  /** @throws MALFORMED past the end */
  u8(at: number): number {
    const index = at - this.#start;
    if (index >= 0 && index < this.#bytes.length) return this.#bytes[index]!;
    const placed = this.#place(at, 1);
    return this.#bytes[placed]!;
  }

  /** @throws MALFORMED past the end */
  u16(at: number): number {
    const index = this.#place(at, 2);
    return this.#view.getUint16(index, this.#littleEndian);
  }

  /** @throws MALFORMED past the end */
  u32(at: number): number {
    const index = this.#place(at, 4);
    return this.#view.getUint32(index, this.#littleEndian);
  }

  /** @throws MALFORMED past the end */
  i32(at: number): number {
    const index = this.#place(at, 4);
    return this.#view.getInt32(index, this.#littleEndian);
  }

  /** @throws MALFORMED past the end */
  u64(at: number): bigint {
    const index = this.#place(at, 8);
    return this.#view.getBigUint64(index, this.#littleEndian);
  }

  /** @throws MALFORMED past the end */
  i64(at: number): bigint {
    const index = this.#place(at, 8);
    return this.#view.getBigInt64(index, this.#littleEndian);
  }

  /** @throws MALFORMED past the end */
  f32(at: number): number {
    const index = this.#place(at, 4);
    return this.#view.getFloat32(index, this.#littleEndian);
  }

  /** @throws MALFORMED past the end */
  f64(at: number): number {
    const index = this.#place(at, 8);
    return this.#view.getFloat64(index, this.#littleEndian);
  }

  /** A copy of `length` bytes; the caller has bounded `length`. @throws MALFORMED past the end */
  bytes(at: number, length: number): Uint8Array {
    this.#within(at, length);
    if (length > this.#span) {
      const read = this.source.read(at, length);
      return read.length === length ? Uint8Array.from(read) : this.#short(at, length);
    }
    const index = this.#place(at, length);
    return this.#bytes.slice(index, index + length);
  }

  /** True when every byte of the range is zero. Reads all of it, window by window. */
  zeros(at: number, length: number, tick: () => void): boolean {
    this.#within(at, length);
    for (let from = at; from < at + length; from += windowBytes) {
      tick();
      if (this.source.read(from, Math.min(windowBytes, at + length - from)).some((byte) => byte !== 0)) return false;
    }
    return true;
  }

  /** Index into the window of `length` bytes at `at`, reading them when they are not in it. */
  #place(at: number, length: number): number {
    const index = at - this.#start;
    if (index >= 0 && index + length <= this.#bytes.length) return index;
    this.#within(at, length);
    this.#bytes = this.source.read(at, Math.max(this.#span, length));
    this.#start = at;
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    if (this.#bytes.length < length) this.#short(at, length);
    return 0;
  }

  #within(at: number, length: number): void {
    if (!(at >= 0 && length >= 0 && at + length <= this.size)) this.#short(at, length);
  }

  #short(at: number, length: number): never {
    fail("MALFORMED", {
      message: `${this.#what}: ${length} bytes are needed at offset ${at}, but the file ends at ${this.size}`,
      where: `offset ${at}`,
    });
  }
}
