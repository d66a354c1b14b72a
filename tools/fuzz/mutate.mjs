// Mutations of real files: deterministic from a seed, so that a reproducer is a file and not a story.

/** Numbers that length fields do not expect. */
const awkward = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/**
 * A generator of numbers in [0, below), the same for the same seed (xorshift32).
 * @param {number} seed @returns {(below: number) => number}
 */
export function numbers(seed) {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return below <= 1 ? 0 : state % below;
  };
}

/**
 * A mutant of `original`, sometimes spliced with `other`.
 * @param {Uint8Array} original @param {Uint8Array} other @param {number} seed @returns {Buffer}
 */
export function mutate(original, other, seed) {
  const pick = numbers(seed);
  let bytes = Buffer.from(original);
  for (let round = 1 + pick(6); round > 0; round--) bytes = once(bytes, other, pick);
  return bytes;
}

/** @param {Buffer} bytes @param {Uint8Array} other @param {(below: number) => number} pick @returns {Buffer} */
function once(bytes, other, pick) {
  if (bytes.length === 0) return Buffer.from(other);
  // Structure sits at both ends more often than in the middle.
  const place = () => {
    const where = pick(4);
    const near = Math.min(bytes.length, 512);
    if (where === 0) return pick(near);
    return where === 1 ? bytes.length - 1 - pick(near) : pick(bytes.length);
  };
  const at = place();
  const length = Math.min(1 + pick(1 << pick(12)), bytes.length - at);
  switch (pick(10)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
      return bytes;
    case 1:
      bytes[at] = pick(256);
      return bytes;
    case 2: {
      const width = [1, 2, 4][pick(3)] ?? 1;
      if (at + width <= bytes.length) {
        const value = (awkward[pick(awkward.length)] ?? 0) % 2 ** (8 * width);
        if (pick(2) === 0) bytes.writeUIntLE(value, at, width);
        else bytes.writeUIntBE(value, at, width);
      }
      return bytes;
    }
    case 3:
      return bytes.subarray(0, at);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 5:
      return Buffer.concat([
        bytes.subarray(0, at + length),
        bytes.subarray(at, at + length),
        bytes.subarray(at + length),
      ]);
    case 6:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(length, pick(256)), bytes.subarray(at)]);
    case 7: {
      const start = pick(other.length);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(start, start + length), bytes.subarray(at)]);
    }
    case 8:
      bytes.copy(bytes, at, place(), Math.min(bytes.length, place() + length));
      return bytes;
    default: {
      const digit = bytes.indexOf(0x30 + pick(10), at);
      if (digit !== -1) bytes[digit] = 0x30 + pick(10);
      return bytes;
    }
  }
}
