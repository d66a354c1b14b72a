import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { ByteInput } from "../container/byte-input.ts";
import type { Decoder } from "../container/decoder.ts";
import { History } from "../container/history.ts";
import { decoderOf } from "../container/steps.ts";
import type { Steps } from "../container/steps.ts";
import { isSkippable } from "../lz4/recognise.ts";
import type { FrameState } from "./block.ts";
import { freshFrame, zstdBlock } from "./block.ts";
import { Xxh64 } from "./xxh64.ts";

// After RFC 8878.
const frameMagic = 0xfd2fb528;
const blockMost = 128 * 1024;

/** The Zstandard frames that follow each other from `start`; checksums are verified, skippable frames stepped over. */
export function unzstd(source: ByteSource, start = 0): Decoder {
  return decoderOf(new ZstdSteps(source, start));
}

interface Frame {
  readonly state: FrameState;
  readonly blockSize: number;
  readonly size: number | undefined;
  readonly checksum: Xxh64 | undefined;
  produced: number;
}

class ZstdSteps implements Steps {
  history = new History(0);
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

  step(): boolean | "hand out" {
    return this.frame ? this.block(this.frame) : this.header();
  }

  private header(): boolean | "hand out" {
    const { input, source } = this;
    // A new frame has a history of its own; the old one must have been handed out.
    if (this.history.pending > 0) return "hand out";
    const head = Buffer.from(source.read(input.offset, 8));
    if (head.length === 8 && isSkippable(head.readUInt32LE(0))) {
      const next = input.offset + 8 + head.readUInt32LE(4);
      if (next > source.size) fail("MALFORMED", "a skippable frame is cut off");
      input.seek(next);
      return true;
    }
    if (head.length < 5 || head.readUInt32LE(0) !== frameMagic) {
      if (this.first) fail("MALFORMED", "this is not a Zstandard frame");
      return false;
    }
    this.first = false;
    input.take(4);
    const flags = input.byte();
    if (flags & 8) fail("MALFORMED", "a Zstandard frame has a reserved flag");
    const single = (flags & 0x20) !== 0;
    let window = 0;
    if (!single) {
      const descriptor = input.byte();
      const base = 2 ** (10 + (descriptor >>> 3));
      window = base + (base / 8) * (descriptor & 7);
    }
    if (number(input, [0, 1, 2, 4][flags & 3]!) !== 0)
      fail("UNSUPPORTED", "a Zstandard frame needs a dictionary that it does not carry");
    const width = [single ? 1 : 0, 2, 4, 8][flags >>> 6]!;
    const size = width === 0 ? undefined : number(input, width) + (width === 2 ? 256 : 0);
    if (single) window = size!;
    this.history = new History(window);
    this.frame = {
      state: freshFrame(),
      blockSize: Math.min(window, blockMost),
      size,
      checksum: flags & 4 ? new Xxh64() : undefined,
      produced: 0,
    };
    return true;
  }

  private block(frame: Frame): boolean {
    const { input, history } = this;
    const head = number(input, 3);
    const size = head >>> 3;
    const type = (head >>> 1) & 3;
    if (type === 3) fail("MALFORMED", "a Zstandard block has the reserved type");
    if (size > frame.blockSize) fail("MALFORMED", "a Zstandard block is longer than allowed");
    history.room(blockMost);
    const from = history.at;
    if (type === 0) history.putFrom(input, size);
    else if (type === 1) {
      history.bytes.fill(input.byte(), from, from + size);
      history.at += size;
    } else {
      if (size < 2) fail("MALFORMED", "a Zstandard block is too short");
      zstdBlock(input.take(size), history, frame.blockSize, frame.state);
    }
    frame.produced += history.at - from;
    frame.checksum?.update(history.bytes.subarray(from, history.at));
    if (frame.size !== undefined && frame.produced > frame.size)
      fail("MALFORMED", "a Zstandard frame is longer than it states");
    if ((head & 1) === 0) return true;
    this.frame = undefined;
    if (frame.size !== undefined && frame.produced !== frame.size)
      fail("INTEGRITY", "a Zstandard frame is shorter than it states");
    if (frame.checksum && number(input, 4) !== Number(frame.checksum.digest() & 0xffffffffn)) {
      fail("INTEGRITY", "the checksum of a Zstandard frame does not fit its data");
    }
    return true;
  }
}

function number(input: ByteInput, width: number): number {
  let value = 0;
  for (let n = 0; n < width; n++) value += input.byte() * 2 ** (8 * n);
  return value;
}
