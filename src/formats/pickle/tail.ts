import type { ByteSource } from "../../core/byte-source.ts";

const chunk = 1 << 20;
const searched = 64 << 20;
const candidates = 256;

/** Behind the zero bytes, or the one line end, that start at `from`. */
export function paddingEnd(source: ByteSource, from: number): number {
  if (source.size - from <= 2) {
    const text = Buffer.from(source.read(from, 2)).toString("latin1");
    if (text === "\n" || text === "\r\n") return source.size;
  }
  for (let at = from; at < source.size; ) {
    const bytes = source.read(at, chunk);
    const found = bytes.findIndex((byte) => byte !== 0);
    if (found >= 0) return at + found;
    if (bytes.length === 0) return at;
    at += bytes.length;
  }
  return source.size;
}

/**
 * Places behind `from` where a pickle of protocol 2 or later may begin: a reader that seeks there would load it. Bounded;
 * the bytes are reported as not accounted for in any case.
 */
export function hiddenStarts(source: ByteSource, from: number): number[] {
  const starts: number[] = [];
  const limit = Math.min(source.size, from + searched);
  for (let at = from + 1; at < limit; at += chunk) {
    const bytes = source.read(at, Math.min(chunk + 1, limit - at));
    for (let i = bytes.indexOf(0x80); i >= 0 && i < chunk; i = bytes.indexOf(0x80, i + 1)) {
      const protocol = bytes[i + 1];
      if (protocol === undefined || protocol < 2 || protocol > 5) continue;
      starts.push(at + i);
      if (starts.length >= candidates) return starts;
    }
  }
  return starts;
}
