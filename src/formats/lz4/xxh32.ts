// xxHash's 32-bit variant (xxHash fast digest algorithm 0.1.1, Yann Collet).
const p1 = 0x9e3779b1;
const p2 = 0x85ebca77;
const p3 = 0xc2b2ae3d;
const p4 = 0x27d4eb2f;
const p5 = 0x165667b1;

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** A running XXH32 with seed 0. */
export class Xxh32 {
  private readonly lanes = Int32Array.of(p1 + p2, p2, 0, -p1);
  private readonly held = Buffer.alloc(16);
  private holding = 0;
  private total = 0;

  /** Takes in more bytes. */
  update(bytes: Uint8Array): this {
    this.total += bytes.length;
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    if (this.holding > 0) {
      at = view.copy(this.held, this.holding, 0, 16 - this.holding);
      this.holding += at;
      if (this.holding < 16) return this;
      this.stripes(this.held, 0, 16);
      this.holding = 0;
    }
    const end = at + Math.floor((view.length - at) / 16) * 16;
    this.stripes(view, at, end);
    this.holding = view.copy(this.held, 0, end);
    return this;
  }

  private stripes(view: Buffer, from: number, to: number): void {
    const { lanes } = this;
    for (let at = from; at < to; at += 16) {
      for (let n = 0; n < 4; n++) {
        lanes[n] = Math.imul(rotate((lanes[n]! + Math.imul(view.readInt32LE(at + 4 * n), p2)) | 0, 13), p1);
      }
    }
  }

  /** The digest of what was taken in. */
  digest(): number {
    const [a, b, c, d] = this.lanes;
    let sum = this.total >= 16 ? rotate(a!, 1) + rotate(b!, 7) + rotate(c!, 12) + rotate(d!, 18) : p5;
    sum = (sum + this.total) | 0;
    let at = 0;
    for (; at + 4 <= this.holding; at += 4) {
      sum = Math.imul(rotate((sum + Math.imul(this.held.readInt32LE(at), p3)) | 0, 17), p4);
    }
    for (; at < this.holding; at++) sum = Math.imul(rotate((sum + Math.imul(this.held[at]!, p5)) | 0, 11), p1);
    sum = Math.imul(sum ^ (sum >>> 15), p2);
    sum = Math.imul(sum ^ (sum >>> 13), p3);
    return (sum ^ (sum >>> 16)) >>> 0;
  }
}
