import { crc32 } from "node:zlib";
import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { ByteInput } from "../container/byte-input.ts";
import type { Decoder } from "../container/decoder.ts";
import { quietInput } from "../container/decoder.ts";
import { decoderOf } from "../container/steps.ts";
import { Lzma2Steps, lzma2Dictionary } from "../lzma/lzma2.ts";
import type { BlockCheck } from "./check.ts";
import { blockCheck, checkSizes } from "./check.ts";
import { isXz } from "./recognise.ts";

// After "The .xz File Format" 1.2.0.
const nothing = new Uint8Array(0);
const lzma2Filter = 0x21;
const mostBlocks = 1_000_000;

/**
 * The xz streams that follow each other from `start`, with the padding between them. Headers, checks and the index are verified;
 * filters other than LZMA2 are UNSUPPORTED.
 */
export function unxz(source: ByteSource, start = 0): Decoder {
  return new Unxz(source, start);
}

interface Block {
  readonly body: Decoder;
  readonly check: BlockCheck | undefined;
  readonly start: number;
  readonly headerSize: number;
  readonly packedSize: number | undefined;
  readonly size: number | undefined;
  produced: number;
}

class Unxz implements Decoder {
  private readonly source: ByteSource;
  private at: number;
  private block: Block | undefined;
  private checkId = -1;
  /** Of the blocks of this stream: count, and a running CRC of their sizes to compare with the index. */
  private blocks = 0;
  private sizes = 0;
  private done = false;

  constructor(source: ByteSource, start: number) {
    this.source = source;
    this.at = start;
  }

  get offset(): number {
    return this.block?.body.offset ?? this.at;
  }

  next(): Uint8Array | undefined {
    const quiet = this.at + quietInput;
    while (!this.done) {
      if (this.block) {
        const piece = this.block.body.next();
        if (piece) {
          this.block.check?.update(piece);
          this.block.produced += piece.length;
          return piece;
        }
        this.endBlock(this.block);
      } else if (this.checkId < 0) this.streamHeader();
      else this.blockOrIndex();
      if (this.at > quiet) return nothing;
    }
    return undefined;
  }

  private bytes(length: number): Buffer {
    const bytes = this.source.read(this.at, length);
    if (bytes.length < length) fail("MALFORMED", "the xz data end in the middle");
    this.at += length;
    return Buffer.from(bytes.buffer, bytes.byteOffset, length);
  }

  private streamHeader(): void {
    const header = this.bytes(12);
    if (!isXz(header)) fail("MALFORMED", "this is not an xz stream");
    if (header[6] !== 0 || header[7]! > 15) fail("UNSUPPORTED", "the xz stream has flags of a later version");
    if (crc32(header.subarray(6, 8)) !== header.readUInt32LE(8)) fail("MALFORMED", "the xz header's checksum is wrong");
    this.checkId = header[7]!;
    this.blocks = 0;
    this.sizes = 0;
  }

  private blockOrIndex(): void {
    const start = this.at;
    const first = this.bytes(1)[0]!;
    if (first === 0) return this.index(start);
    const headerSize = (first + 1) * 4;
    this.at = start;
    const header = this.bytes(headerSize);
    if (crc32(header.subarray(0, -4)) !== header.readUInt32LE(headerSize - 4))
      fail("MALFORMED", { message: "an xz block header's checksum is wrong", where: `byte ${start}` });
    const flags = header[1]!;
    if (flags & 0x3c) fail("UNSUPPORTED", "an xz block has flags of a later version");
    const input = new ByteInput(
      {
        size: headerSize - 4,
        read: (offset, length) => header.subarray(offset, Math.min(headerSize - 4, offset + length)),
      },
      2,
    );
    const packedSize = flags & 0x40 ? varint(input) : undefined;
    const size = flags & 0x80 ? varint(input) : undefined;
    const filters = Array.from({ length: (flags & 3) + 1 }, () => ({
      id: varint(input),
      properties: Buffer.from(input.take(varint(input))),
    }));
    if (input.take(input.left).some((byte) => byte !== 0))
      fail("UNSUPPORTED", "an xz block header has fields of a later version");
    const [filter] = filters;
    if (filters.length > 1 || filter?.id !== lzma2Filter || filter.properties.length !== 1) {
      fail("UNSUPPORTED", {
        message: `an xz block uses the filters ${filters.map(({ id }) => `0x${id.toString(16)}`).join(", ")}`,
        next: "Unpack the file with xz and scan the result.",
      });
    }
    if (++this.blocks > mostBlocks) fail("LIMIT", `the xz stream has more than ${mostBlocks} blocks`);
    const body = decoderOf(new Lzma2Steps(new ByteInput(this.source, this.at), lzma2Dictionary(filter.properties[0]!)));
    this.block = { body, check: blockCheck(this.checkId), start, headerSize, packedSize, size, produced: 0 };
  }

  private endBlock({ body, check, start, headerSize, packedSize, size, produced }: Block): void {
    this.block = undefined;
    const packed = body.offset - start - headerSize;
    if ((packedSize ?? packed) !== packed || (size ?? produced) !== produced)
      fail("INTEGRITY", "an xz block's sizes are not those it states");
    this.at = body.offset;
    const padding = (4 - (packed % 4)) % 4;
    if (this.bytes(padding).some((byte) => byte !== 0)) fail("MALFORMED", "an xz block's padding is not zero");
    const stored = this.bytes(checkSizes[this.checkId]!);
    if (check && !check.value().equals(stored)) fail("INTEGRITY", "the check of an xz block does not fit its data");
    this.sizes = crc32(`${headerSize + packed + stored.length},${produced};`, this.sizes);
  }

  private index(start: number): void {
    const input = new ByteInput(this.source, this.at);
    const count = varint(input);
    if (count !== this.blocks) fail("MALFORMED", "the xz index lists another number of blocks");
    let sizes = 0;
    for (let n = 0; n < count; n++) sizes = crc32(`${varint(input)},${varint(input)};`, sizes);
    if (sizes !== this.sizes) fail("MALFORMED", "the xz index lists other blocks than there are");
    const length = input.offset - start;
    const padding = (4 - (length % 4)) % 4;
    this.at = start;
    const index = this.bytes(length + padding);
    if (index.subarray(length).some((byte) => byte !== 0)) fail("MALFORMED", "the xz index's padding is not zero");
    if (crc32(index) !== this.bytes(4).readUInt32LE(0)) fail("MALFORMED", "the xz index's checksum is wrong");
    const footer = this.bytes(12);
    if (
      footer.readUInt32LE(0) !== crc32(footer.subarray(4, 10)) ||
      (footer.readUInt32LE(4) + 1) * 4 !== index.length + 4 ||
      footer[8] !== 0 ||
      footer[9] !== this.checkId ||
      footer.toString("latin1", 10) !== "YZ"
    ) {
      fail("MALFORMED", "the xz footer does not fit the stream");
    }
    this.nextStream();
  }

  /** Padding between streams is a multiple of four zero bytes. */
  private nextStream(): void {
    this.checkId = -1;
    let at = this.at;
    for (
      let read = this.source.read(at, 4);
      read.length === 4 && read.every((byte) => byte === 0);
      read = this.source.read(at, 4)
    )
      at += 4;
    if (isXz(this.source.read(at, 12))) this.at = at;
    else this.done = true;
  }
}

/** A variable-length integer (§1.2). @throws MALFORMED */
function varint(input: ByteInput): number {
  let value = 0;
  for (let shift = 0; shift < 63; shift += 7) {
    const byte = input.byte();
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) {
      if (byte === 0 && shift > 0) break;
      return value;
    }
  }
  return fail("MALFORMED", "an xz number is written wrongly");
}
