import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { ByteInput } from "../container/byte-input.ts";
import type { Decoder } from "../container/decoder.ts";
import { decoderOf } from "../container/steps.ts";
import type { Steps } from "../container/steps.ts";
import { History } from "../container/history.ts";
import { BlockReader } from "./block.ts";
import { BitInput } from "./bit-input.ts";
import { bzipCrc } from "./crc.ts";
import { isBzip2 } from "./recognise.ts";

const outputPiece = 256 * 1024;

/** The bzip2 streams that follow each other from `start`; block and stream checksums are verified as they are met. */
export function bunzip2(source: ByteSource, start = 0): Decoder {
  return decoderOf(new Bunzip2(source, start));
}

class Bunzip2 implements Steps {
  readonly history = new History(0);
  private readonly source: ByteSource;
  private readonly bits: BitInput;
  private block: BlockReader | undefined;
  private level = 0;
  private blockSum = 0;
  private streamSum = 0;

  constructor(source: ByteSource, start: number) {
    this.source = source;
    this.bits = new BitInput(new ByteInput(source, start));
  }

  get offset(): number {
    return this.bits.offset;
  }

  step(): boolean {
    const { bits, history } = this;
    if (this.block) {
      history.room(outputPiece);
      const from = history.at;
      history.at = this.block.fill(history.bytes, from, from + outputPiece);
      this.blockSum = bzipCrc(history.bytes, from, history.at, this.blockSum);
      if (!this.block.done) return true;
      const sum = ~this.blockSum >>> 0;
      if (sum !== this.block.checksum) fail("INTEGRITY", "the checksum of a bzip2 block does not fit its data");
      this.streamSum = (((this.streamSum << 1) | (this.streamSum >>> 31)) ^ sum) >>> 0;
      this.block = undefined;
      return true;
    }
    if (this.level === 0) {
      const head = bits.bytes(4);
      if (head[0] !== 0x42 || head[1] !== 0x5a || head[2] !== 0x68 || !(head[3]! >= 0x31 && head[3]! <= 0x39)) {
        fail("MALFORMED", "this is not a bzip2 stream");
      }
      this.level = head[3]! - 0x30;
      this.streamSum = 0;
    }
    const magic = [bits.read(24), bits.read(24)];
    if (magic[0] === 0x314159 && magic[1] === 0x265359) {
      this.block = new BlockReader(bits, this.level * 100_000);
      this.blockSum = 0xffffffff;
      return true;
    }
    if (magic[0] !== 0x177245 || magic[1] !== 0x385090)
      fail("MALFORMED", { message: "a bzip2 block is expected and not there", where: `byte ${this.offset}` });
    const stated = (bits.read(16) * 65536 + bits.read(16)) >>> 0;
    if (stated !== this.streamSum) fail("INTEGRITY", "the checksum of a bzip2 stream does not fit its data");
    bits.align();
    this.level = 0;
    return isBzip2(this.source.read(bits.offset, 14));
  }
}
