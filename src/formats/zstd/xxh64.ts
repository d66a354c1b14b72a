// xxHash's 64-bit variant (xxHash fast digest algorithm 0.1.1, Yann Collet).
const p1 = 0x9e3779b185ebca87n;
const p2 = 0xc2b2ae3d27d4eb4fn;
const p3 = 0x165667b19e3779f9n;
const p4 = 0x85ebca77c2b2ae63n;
const p5 = 0x27d4eb2f165667c5n;
const mask = 0xffffffffffffffffn;

// The loop over stripes works on 16-bit limbs in doubles-safe integers: BigInt would take forty times as long.
const limbs = (value: bigint): readonly [number, number, number, number] => [
  Number(value & 0xffffn),
  Number((value >> 16n) & 0xffffn),
  Number((value >> 32n) & 0xffffn),
  Number((value >> 48n) & 0xffffn),
];
const [q0, q1, q2, q3] = limbs(p2);
const [r0, r1, r2, r3] = limbs(p1);

/** A running XXH64 with seed 0. */
export class Xxh64 {
  /** Four lanes, each as low and high 32 bits. */
  private readonly lanes = Uint32Array.from(
    [(p1 + p2) & mask, p2, 0n, -p1 & mask].flatMap((lane) => [Number(lane & 0xffffffffn), Number(lane >> 32n)]),
  );
  private readonly held = Buffer.alloc(32);
  private holding = 0;
  private total = 0;

  /** Takes in more bytes. */
  update(bytes: Uint8Array): void {
    this.total += bytes.length;
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    if (this.holding > 0) {
      at = view.copy(this.held, this.holding, 0, 32 - this.holding);
      this.holding += at;
      if (this.holding < 32) return;
      this.stripes(this.held, 0, 32);
      this.holding = 0;
    }
    const end = at + Math.floor((view.length - at) / 32) * 32;
    this.stripes(view, at, end);
    this.holding = view.copy(this.held, 0, end);
  }

  private stripes(view: Buffer, from: number, to: number): void {
    const { lanes } = this;
    for (let at = from; at < to; at += 8) {
      const lane = ((at - from) & 24) >>> 2;
      // lane = rotl(lane + input × p2, 31) × p1
      const a0 = view[at]! | (view[at + 1]! << 8);
      const a1 = view[at + 2]! | (view[at + 3]! << 8);
      const a2 = view[at + 4]! | (view[at + 5]! << 8);
      const a3 = view[at + 6]! | (view[at + 7]! << 8);
      const low = lanes[lane]!;
      const high = lanes[lane + 1]!;
      let s0 = a0 * q0 + (low & 0xffff);
      let s1 = a0 * q1 + a1 * q0 + (low >>> 16) + Math.floor(s0 / 65536);
      let s2 = a0 * q2 + a1 * q1 + a2 * q0 + (high & 0xffff) + Math.floor(s1 / 65536);
      let s3 = a0 * q3 + a1 * q2 + a2 * q1 + a3 * q0 + (high >>> 16) + Math.floor(s2 / 65536);
      s0 &= 0xffff;
      s1 %= 65536;
      s2 %= 65536;
      s3 %= 65536;
      const sumLow = (s0 | (s1 << 16)) >>> 0;
      const sumHigh = (s2 | (s3 << 16)) >>> 0;
      const turnedHigh = ((sumHigh << 31) | (sumLow >>> 1)) >>> 0;
      const turnedLow = ((sumLow << 31) | (sumHigh >>> 1)) >>> 0;
      const b0 = turnedLow & 0xffff;
      const b1 = turnedLow >>> 16;
      const b2 = turnedHigh & 0xffff;
      const b3 = turnedHigh >>> 16;
      const t0 = b0 * r0;
      const t1 = b0 * r1 + b1 * r0 + Math.floor(t0 / 65536);
      const t2 = b0 * r2 + b1 * r1 + b2 * r0 + Math.floor(t1 / 65536);
      const t3 = b0 * r3 + b1 * r2 + b2 * r1 + b3 * r0 + Math.floor(t2 / 65536);
      lanes[lane] = ((t0 & 0xffff) | ((t1 % 65536) << 16)) >>> 0;
      lanes[lane + 1] = ((t2 % 65536) | ((t3 % 65536) << 16)) >>> 0;
    }
  }

  /** The digest of what was taken in. */
  digest(): bigint {
    const lane = (n: number): bigint => (BigInt(this.lanes[2 * n + 1]!) << 32n) | BigInt(this.lanes[2 * n]!);
    let sum = p5;
    if (this.total >= 32) {
      sum = (rotate(lane(0), 1n) + rotate(lane(1), 7n) + rotate(lane(2), 12n) + rotate(lane(3), 18n)) & mask;
      for (let n = 0; n < 4; n++) sum = ((sum ^ round(0n, lane(n))) * p1 + p4) & mask;
    }
    sum = (sum + BigInt(this.total)) & mask;
    let at = 0;
    for (; at + 8 <= this.holding; at += 8)
      sum = (rotate(sum ^ round(0n, this.held.readBigUInt64LE(at)), 27n) * p1 + p4) & mask;
    if (at + 4 <= this.holding) {
      sum = (rotate(sum ^ ((BigInt(this.held.readUInt32LE(at)) * p1) & mask), 23n) * p2 + p3) & mask;
      at += 4;
    }
    for (; at < this.holding; at++) sum = (rotate(sum ^ ((BigInt(this.held[at]!) * p5) & mask), 11n) * p1) & mask;
    sum = ((sum ^ (sum >> 33n)) * p2) & mask;
    sum = ((sum ^ (sum >> 29n)) * p3) & mask;
    return sum ^ (sum >> 32n);
  }
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & mask;
}

function round(lane: bigint, input: bigint): bigint {
  return (rotate((lane + input * p2) & mask, 31n) * p1) & mask;
}
