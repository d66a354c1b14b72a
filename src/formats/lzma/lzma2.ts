import { fail } from "../../kit/errors.ts";
import type { ByteInput } from "../container/byte-input.ts";
import { History } from "../container/history.ts";
import type { Steps } from "../container/steps.ts";
import { LzmaCore, lzmaProperties } from "./lzma-core.ts";

const slack = 300;

/** The dictionary size that LZMA2's property byte stands for. @throws MALFORMED */
export function lzma2Dictionary(byte: number): number {
  if (byte > 40) fail("MALFORMED", "LZMA2 properties are out of range");
  return byte === 40 ? 0xffffffff : (2 | (byte & 1)) * 2 ** ((byte >>> 1) + 11);
}

/** LZMA2 data: chunks, stored or LZMA, up to a zero byte (as in XZ Embedded's xz_dec_lzma2 and the 7-Zip sources' Lzma2Dec). */
export class Lzma2Steps implements Steps {
  readonly history: History;
  private readonly input: ByteInput;
  private readonly core: LzmaCore;
  private needsDictionary = true;
  private needsProperties = true;
  private needsState = true;

  constructor(input: ByteInput, dictionary: number) {
    this.input = input;
    this.history = new History(Math.max(4096, dictionary));
    this.core = new LzmaCore(input, this.history);
  }

  get offset(): number {
    return this.input.offset;
  }

  step(): boolean {
    const { input, core, history } = this;
    const control = input.byte();
    if (control === 0) return false;
    if (control >= 0xe0 || control === 1) {
      this.needsDictionary = false;
      history.reset();
      core.resetPosition();
    } else if (this.needsDictionary) fail("MALFORMED", "LZMA2 data begin without a dictionary");
    if (control < 0x80) {
      if (control > 2) fail("MALFORMED", `LZMA2 has no control byte ${control}`);
      const size = (input.byte() << 8) + input.byte() + 1;
      history.room(size);
      history.putFrom(input, size);
      core.skip(size);
      return true;
    }
    const size = ((control & 0x1f) << 16) + (input.byte() << 8) + input.byte() + 1;
    const packed = (input.byte() << 8) + input.byte() + 1;
    if (control >= 0xc0) {
      const properties = lzmaProperties(input.byte());
      if (properties.lc + properties.lp > 4) fail("MALFORMED", "LZMA2 properties are out of range");
      core.resetState(properties);
      this.needsProperties = false;
      this.needsState = false;
    } else if (this.needsProperties) fail("MALFORMED", "LZMA2 data begin without properties");
    else if (control >= 0xa0) {
      core.resetState();
      this.needsState = false;
    } else if (this.needsState) fail("MALFORMED", "LZMA2 data begin without a state");
    core.range.start();
    history.room(size + slack);
    if (core.decode(size, false)) fail("MALFORMED", "LZMA2 data hold an end marker");
    if (core.range.used !== packed || !core.range.finished)
      fail("MALFORMED", "an LZMA2 chunk does not end where it says");
    return true;
  }
}
