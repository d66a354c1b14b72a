import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { ByteInput } from "../container/byte-input.ts";
import type { Decoder } from "../container/decoder.ts";
import { History } from "../container/history.ts";
import { decoderOf } from "../container/steps.ts";
import type { Steps } from "../container/steps.ts";
import { lz4Block } from "./block.ts";
import { frameMagic, isLz4, isSkippable, legacyMagic, uint32 } from "./recognise.ts";
import { Xxh32 } from "./xxh32.ts";

// After lz4_Frame_format.md 1.6.4.
const legacyBlock = 8 * 1024 * 1024;
const reach = 65536;

/** The LZ4 frames that follow each other from `start`; checksums are verified. */
export function lz4(source: ByteSource, start = 0): Decoder {
  return decoderOf(new Lz4Steps(source, start));
}

interface Frame {
  readonly blockSize: number;
  readonly independent: boolean;
  readonly blockChecksums: boolean;
  readonly contentSize: number | undefined;
  readonly checksum: Xxh32 | undefined;
  readonly legacy: boolean;
  produced: number;
}

class Lz4Steps implements Steps {
  readonly history = new History(reach, legacyBlock + 1024);
  private readonly source: ByteSource;
  private readonly input: ByteInput;
  private frame: Frame | undefined;
  private first = true;

  constructor(source: ByteSource, start: number) {
    this.source = source;
    this.input = new ByteInput(source, start);
  }

  get offset(): number {
    return this.input.offset;
  }

  step(): boolean {
    return this.frame ? this.block(this.frame) : this.header();
  }

  private header(): boolean {
    const { input, source } = this;
    const head = source.read(input.offset, 8);
    const magic = head.length >= 4 ? uint32(head, 0) : 0;
    if (head.length === 8 && isSkippable(magic) && !this.first) {
      const next = input.offset + 8 + uint32(head, 4);
      if (next > source.size) fail("MALFORMED", "a skippable frame is cut off");
      input.seek(next);
      return true;
    }
    if (!isLz4(source.read(input.offset, 7))) {
      if (this.first) fail("MALFORMED", "this is not an LZ4 frame");
      return false;
    }
    this.first = false;
    input.take(4);
    this.history.reset();
    if (magic === legacyMagic) {
      this.frame = {
        blockSize: legacyBlock,
        independent: true,
        blockChecksums: false,
        contentSize: undefined,
        checksum: undefined,
        legacy: true,
        produced: 0,
      };
      return true;
    }
    const start = input.offset;
    const flags = input.byte();
    const sizeCode = (input.byte() >>> 4) & 7;
    if (sizeCode < 4) fail("MALFORMED", "an LZ4 frame states an impossible block size");
    const contentSize = flags & 8 ? input.uint32() + input.uint32() * 2 ** 32 : undefined;
    if (flags & 1 && input.uint32() !== 0)
      fail("UNSUPPORTED", "an LZ4 frame needs a dictionary that it does not carry");
    const descriptor = source.read(start, input.offset - start);
    if (input.byte() !== ((new Xxh32().update(descriptor).digest() >>> 8) & 0xff))
      fail("MALFORMED", "an LZ4 frame's header checksum is wrong");
    this.frame = {
      blockSize: 1 << (8 + 2 * sizeCode),
      independent: (flags & 0x20) !== 0,
      blockChecksums: (flags & 0x10) !== 0,
      contentSize,
      checksum: flags & 4 ? new Xxh32() : undefined,
      legacy: false,
      produced: 0,
    };
    return true;
  }

  private block(frame: Frame): boolean {
    const { input, history } = this;
    if (frame.legacy && (input.left < 4 || this.atMagic())) {
      this.frame = undefined;
      return input.left >= 4;
    }
    const word = input.uint32();
    if (word === 0 && !frame.legacy) return this.end(frame);
    const stored = !frame.legacy && word >= 0x80000000;
    const size = stored ? word - 0x80000000 : word;
    if (size > frame.blockSize + (frame.legacy ? frame.blockSize / 255 + 16 : 0))
      fail("MALFORMED", "an LZ4 block is longer than its frame allows");
    if (frame.independent) history.reset();
    history.room(frame.blockSize);
    const from = history.at;
    let packed: Uint8Array | undefined;
    if (stored) history.putFrom(input, size);
    else {
      packed = input.take(size);
      lz4Block(packed, history, frame.blockSize);
    }
    const plain = history.bytes.subarray(from, history.at);
    frame.produced += plain.length;
    frame.checksum?.update(plain);
    if (frame.blockChecksums && input.uint32() !== new Xxh32().update(packed ?? plain).digest()) {
      fail("INTEGRITY", "the checksum of an LZ4 block does not fit its data");
    }
    return true;
  }

  private end(frame: Frame): boolean {
    this.frame = undefined;
    if (frame.checksum && this.input.uint32() !== frame.checksum.digest())
      fail("INTEGRITY", "the checksum of an LZ4 frame does not fit its data");
    if (frame.contentSize !== undefined && frame.contentSize !== frame.produced) {
      fail("INTEGRITY", `an LZ4 frame has ${frame.produced} bytes and states ${frame.contentSize}`);
    }
    return true;
  }

  /** Legacy frames have no end mark: another frame's magic number ends them. */
  private atMagic(): boolean {
    const magic = uint32(this.source.read(this.input.offset, 4), 0);
    return magic === frameMagic || magic === legacyMagic || isSkippable(magic);
  }
}
