import { crc32 } from "node:zlib";
import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import type { Leftover } from "../container/anomaly.ts";
import { ByteInput } from "../container/byte-input.ts";
import { leftoverAt } from "../container/coverage.ts";
import type { Decoder } from "../container/decoder.ts";
import { quietInput } from "../container/decoder.ts";
import { inflate } from "../deflate/inflate.ts";
import { isGzip } from "./recognise.ts";

/** One member of a gzip file (RFC 1952 §2.3). */
export interface GzipHeader {
  readonly offset: number;
  /** Where its deflate data begins. */
  readonly dataOffset: number;
  /** File name from the header (ISO 8859-1), never to be opened. */
  readonly name?: string;
  readonly comment?: string;
}

/** A decoder of all members in order, as Python, gzip and joblib read them. */
export interface GzipDecoder extends Decoder {
  /** Members met so far; at most the first thousand are listed. */
  readonly headers: readonly GzipHeader[];
  /** Bytes behind the last member, once the end was reached. Zero bytes are padding that readers skip. */
  readonly leftover: Leftover | undefined;
}

const longestText = 65536;
const listed = 1000;
const nothing = new Uint8Array(0);

/** The header of the member at `offset`. @throws MALFORMED, LIMIT for texts beyond 64 KiB */
export function gzipHeader(source: ByteSource, offset: number): GzipHeader {
  const input = new ByteInput(source, offset);
  const fixed = input.take(10);
  if (!isGzip(fixed)) fail("MALFORMED", { message: "this is not a gzip member", where: `byte ${offset}` });
  const flags = fixed[3]!;
  if (flags & 0xe0) fail("MALFORMED", { message: "the gzip header has reserved flags", where: `byte ${offset + 3}` });
  if (flags & 4) input.take(input.uint16());
  const name = flags & 8 ? text(input) : undefined;
  const comment = flags & 16 ? text(input) : undefined;
  if (flags & 2) input.take(2);
  return {
    offset,
    dataOffset: input.offset,
    ...(name === undefined ? {} : { name }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function text(input: ByteInput): string {
  const codes: number[] = [];
  for (let code = input.byte(); code !== 0; code = input.byte()) {
    if (codes.length === longestText) fail("LIMIT", `a text in a gzip header is longer than ${longestText} bytes`);
    codes.push(code);
  }
  return Buffer.from(codes).toString("latin1");
}

/**
 * Decodes the gzip file in `source`. A wrong checksum or length of a member is thrown (INTEGRITY) only after all members were
 * handed out: readers that use the data as it comes have used it by then.
 */
export function gunzip(source: ByteSource, start = 0): GzipDecoder {
  return new Gunzip(source, start);
}

class Gunzip implements GzipDecoder {
  readonly headers: GzipHeader[] = [];
  leftover: Leftover | undefined;
  offset: number;
  private readonly source: ByteSource;
  private body: Decoder | undefined;
  private sum = 0;
  private size = 0;
  private done = false;
  private broken: string | undefined;

  constructor(source: ByteSource, start: number) {
    this.source = source;
    this.offset = start;
  }

  next(): Uint8Array | undefined {
    const quiet = this.offset + quietInput;
    while (!this.done) {
      if (!this.body) {
        const header = gzipHeader(this.source, this.offset);
        if (this.headers.length < listed) this.headers.push(header);
        this.body = inflate(this.source, header.dataOffset);
        this.sum = 0;
        this.size = 0;
      }
      const piece = this.body.next();
      if (piece) {
        this.sum = crc32(piece, this.sum);
        this.size = (this.size + piece.length) >>> 0;
        return piece;
      }
      this.finishMember(this.body.offset);
      if (this.offset > quiet && !this.done) return nothing;
    }
    if (this.broken) fail("INTEGRITY", this.broken);
    return undefined;
  }

  private finishMember(at: number): void {
    this.body = undefined;
    const trailer = Buffer.from(this.source.read(at, 8));
    if (trailer.length < 8) fail("MALFORMED", "the gzip data ends before its checksum");
    this.offset = at + 8;
    if (trailer.readUInt32LE(0) !== this.sum) this.broken ??= `the checksum at byte ${at} does not fit the data`;
    else if (trailer.readUInt32LE(4) !== this.size)
      this.broken ??= `the length at byte ${at + 4} does not fit the data`;
    if (isGzip(this.source.read(this.offset, 10))) return;
    const rest = leftoverAt(this.source, this.offset, this.source.size, "behind the last gzip member");
    // Readers skip zero bytes and then look for another member.
    if (rest?.content === "data" && isGzip(this.source.read(rest.offset, 10))) this.offset = rest.offset;
    else {
      this.leftover = rest;
      this.done = true;
    }
  }
}
