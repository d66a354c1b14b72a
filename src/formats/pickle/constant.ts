import type { ByteSource } from "../../core/byte-source.ts";
import { parseFloatLine, parseInt0, parseLong } from "./text-number.ts";
import { parseQuoted, parseRawUnicode, wideUtf8 } from "./text-string.ts";

/** What kind of value an opcode leaves on the stack, as far as the opcode alone says. */
export type ValueKind =
  | "none"
  | "bool"
  | "int"
  | "float"
  | "str"
  | "bytes"
  /** A string of Python 2: str or bytes, as the reader chooses. */
  | "old-str"
  | "bytearray"
  | "buffer"
  | "tuple"
  | "list"
  | "dict"
  | "set"
  | "frozenset"
  | "object";

/** Where a payload lies in the source. */
export interface Extent {
  readonly start: number;
  readonly length: number;
}

const lineLimit = 1 << 20;

/** The kind of value the opcode with this code makes. */
export function kindOf(code: number): ValueKind {
  switch (code) {
    case 0x4e:
      return "none";
    case 0x88:
    case 0x89:
      return "bool";
    case 0x49: // INT, which also writes booleans
    case 0x4a:
    case 0x4b:
    case 0x4c:
    case 0x4d:
    case 0x8a:
    case 0x8b:
      return "int";
    case 0x46:
    case 0x47:
      return "float";
    case 0x53:
    case 0x54:
    case 0x55:
      return "old-str";
    case 0x56:
    case 0x58:
    case 0x8c:
    case 0x8d:
      return "str";
    case 0x42:
    case 0x43:
    case 0x8e:
      return "bytes";
    case 0x96:
      return "bytearray";
    case 0x97:
    case 0x98:
      return "buffer";
    case 0x29:
    case 0x74:
    case 0x85:
    case 0x86:
    case 0x87:
      return "tuple";
    case 0x5d:
    case 0x6c:
      return "list";
    case 0x7d:
    case 0x64:
      return "dict";
    case 0x8f:
      return "set";
    case 0x91:
      return "frozenset";
    default:
      return "object";
  }
}

/** Reads constants again at the place of the opcode that made them: the machine keeps places, not values. */
export class ConstantReader {
  private readonly source: ByteSource;
  private readonly texts = new Map<number, string>();

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** The code of the opcode at `offset`. */
  code(offset: number): number {
    return this.source.read(offset, 1)[0] ?? 0;
  }

  /** Nine bytes from `offset`, zeros where the data ends before. */
  private head(offset: number): Uint8Array {
    const bytes = this.source.read(offset, 9);
    if (bytes.length === 9) return bytes;
    const padded = new Uint8Array(9);
    padded.set(bytes);
    return padded;
  }

  /** The payload of a string or bytes constant, for text lines without the newline. */
  extent(offset: number): Extent | undefined {
    const head = this.head(offset);
    const view = new DataView(head.buffer, head.byteOffset, head.length);
    switch (head[0]) {
      case 0x55: // SHORT_BINSTRING
      case 0x43: // SHORT_BINBYTES
      case 0x8c: // SHORT_BINUNICODE
        return { start: offset + 2, length: head[1] ?? 0 };
      case 0x54: // BINSTRING
      case 0x58: // BINUNICODE
      case 0x42: // BINBYTES
        return { start: offset + 5, length: view.getUint32(1, true) };
      case 0x8d: // BINUNICODE8
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return { start: offset + 9, length: Number(view.getBigUint64(1, true)) };
      case 0x53:
      case 0x56: {
        const line = this.line(offset + 1);
        return line === undefined ? undefined : { start: offset + 1, length: line.length - 1 };
      }
      default:
        return undefined;
    }
  }

  /** The text of a str or old-str constant of at most `limit` bytes; bytes of Python 2 strings read as latin-1. */
  text(offset: number, limit = 4096): string | undefined {
    const known = this.texts.get(offset);
    if (known !== undefined) return known;
    const read = this.readText(offset, limit);
    if (read !== undefined && read.length <= 256) {
      if (this.texts.size >= 4096) this.texts.clear();
      this.texts.set(offset, read);
    }
    return read;
  }

  private readText(offset: number, limit: number): string | undefined {
    const kind = kindOf(this.code(offset));
    if (kind !== "str" && kind !== "old-str") return undefined;
    const extent = this.extent(offset);
    if (extent === undefined || extent.length > limit) return undefined;
    const bytes = this.source.read(extent.start, extent.length);
    const code = this.code(offset);
    if (code === 0x53 || code === 0x56) {
      const parsed = (code === 0x53 ? parseQuoted : parseRawUnicode)(latin1(bytes));
      return parsed.ok ? parsed.value : undefined;
    }
    return kind === "str" ? wideUtf8(bytes) : latin1(bytes);
  }

  /** The bytes of a bytes-like constant of at most `limit` bytes. */
  bytes(offset: number, limit: number): Uint8Array | undefined {
    const extent = this.extent(offset);
    if (extent === undefined || extent.length > limit) return undefined;
    return this.source.read(extent.start, extent.length);
  }

  /** The value of an int or bool constant. */
  integer(offset: number): bigint | boolean | undefined {
    const head = this.head(offset);
    const view = new DataView(head.buffer, head.byteOffset, head.length);
    switch (head[0]) {
      case 0x88:
        return true;
      case 0x89:
        return false;
      case 0x4a:
        return BigInt(view.getInt32(1, true));
      case 0x4b:
        return BigInt(head[1] ?? 0);
      case 0x4d:
        return BigInt(view.getUint16(1, true));
      case 0x8a:
        return littleEndian(this.source.read(offset + 2, head[1] ?? 0));
      case 0x8b:
        return littleEndian(this.source.read(offset + 5, Math.min(view.getUint32(1, true), 2048)));
      case 0x49:
      case 0x4c: {
        const line = this.line(offset + 1);
        if (line === undefined) return undefined;
        const parsed = (head[0] === 0x49 ? parseInt0 : parseLong)(line);
        return parsed.ok ? parsed.value : undefined;
      }
      default:
        return undefined;
    }
  }

  /** The value of a float constant. */
  float(offset: number): number | undefined {
    const head = this.head(offset);
    if (head[0] === 0x47) return new DataView(head.buffer, head.byteOffset, head.length).getFloat64(1, false);
    const line = head[0] === 0x46 ? this.line(offset + 1) : undefined;
    const parsed = line === undefined ? undefined : parseFloatLine(line);
    return parsed?.ok ? parsed.value : undefined;
  }

  /** The line at `offset` with its newline, as latin-1 text. */
  line(offset: number): string | undefined {
    for (let size = 256; ; size *= 8) {
      const bytes = this.source.read(offset, size);
      const end = bytes.indexOf(10);
      if (end >= 0) return latin1(bytes.subarray(0, end + 1));
      if (bytes.length < size || size > lineLimit) return undefined;
    }
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return BigInt.asIntN(Math.max(1, bytes.length * 8), value);
}

/** Bytes as text, one letter per byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
