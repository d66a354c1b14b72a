import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { ByteInput } from "../container/byte-input.ts";
import type { Decoder } from "../container/decoder.ts";
import { History } from "../container/history.ts";
import { decoderOf } from "../container/steps.ts";
import type { Steps } from "../container/steps.ts";
import type { LzmaProperties } from "./lzma-core.ts";
import { LzmaCore, lzmaProperties } from "./lzma-core.ts";

const piece = 256 * 1024;
/** Longest match. */
const slack = 300;

/** How raw LZMA data are to be read. */
export interface LzmaFrame {
  readonly properties: LzmaProperties;
  readonly dictionary: number;
  /** Undefined: until the end marker. */
  readonly size: number | undefined;
}

/** The 13-byte header of a .lzma file; undefined when the bytes can be none. */
export function lzmaAloneHeader(bytes: Uint8Array): LzmaFrame | undefined {
  if (bytes.length < 13 || bytes[0]! >= 225) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 13);
  const properties = lzmaProperties(bytes[0]!);
  const dictionary = view.getUint32(1, true);
  const stated = view.getBigUint64(5, true);
  // As liblzma does to tell such files from others: a dictionary of 2^n or 2^n + 2^(n-1), a size below 256 GiB.
  const odd = dictionary / 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, dictionary))));
  if (dictionary !== 0xffffffff && odd !== 1 && odd !== 1.5) return undefined;
  if (stated !== 0xffffffffffffffffn && stated >= 2n ** 38n) return undefined;
  if (properties.lc + properties.lp > 4) return undefined;
  return { properties, dictionary, size: stated === 0xffffffffffffffffn ? undefined : Number(stated) };
}

/** A .lzma file ("LZMA alone") from `start`. */
export function lzmaAlone(source: ByteSource, start = 0): Decoder {
  const frame = lzmaAloneHeader(source.read(start, 13));
  if (!frame) return fail("MALFORMED", "this is not an LZMA file");
  return lzmaRaw(source, start + 13, frame);
}

/** LZMA data without a header of their own, from `start`. */
export function lzmaRaw(source: ByteSource, start: number, frame: LzmaFrame): Decoder {
  return decoderOf(new LzmaSteps(new ByteInput(source, start), frame));
}

class LzmaSteps implements Steps {
  readonly history: History;
  private readonly input: ByteInput;
  private readonly core: LzmaCore;
  private readonly frame: LzmaFrame;
  private left: number;
  private started = false;

  constructor(input: ByteInput, frame: LzmaFrame) {
    this.input = input;
    this.frame = frame;
    this.history = new History(Math.max(4096, frame.dictionary));
    this.core = new LzmaCore(input, this.history);
    this.left = frame.size ?? Number.POSITIVE_INFINITY;
  }

  get offset(): number {
    return this.input.offset;
  }

  step(): boolean {
    const { core, history } = this;
    if (!this.started) {
      core.resetState(this.frame.properties);
      core.range.start();
      this.started = true;
    }
    if (this.left === 0) {
      // A stated size may be followed by an end marker, which belongs to the data.
      if (!core.range.finished) {
        history.room(slack);
        if (!core.decode(1, true)) fail("MALFORMED", "LZMA data go on behind their stated size");
      }
      return false;
    }
    history.room(piece + slack);
    const from = history.at;
    const ended = core.decode(Math.min(piece, this.left), this.left > piece);
    this.left -= history.at - from;
    if (!ended) return true;
    if (this.frame.size !== undefined && this.left > 0) fail("MALFORMED", "LZMA data end before their stated size");
    return false;
  }
}
