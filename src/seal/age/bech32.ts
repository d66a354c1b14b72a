import { fail } from "../../kit/errors.ts";

const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** Longest string we look at: a post-quantum age recipient has 1,959 characters. */
const maxLength = 4096;

/**
 * `bytes` as Bech32 (BIP 173, without its length limit, as age uses it). The result has the case of `prefix`.
 */
export function bech32Encode(prefix: string, bytes: Uint8Array): string {
  const lower = prefix.toLowerCase();
  const data = regroup(bytes, 8, 5, true) ?? [];
  const check = polymod([...expand(lower), ...data, 0, 0, 0, 0, 0, 0]) ^ 1;
  const checksum = [25, 20, 15, 10, 5, 0].map((shift) => (check >>> shift) & 31);
  const text = `${lower}1${[...data, ...checksum].map((value) => alphabet[value]).join("")}`;
  return prefix === lower ? text : text.toUpperCase();
}

/**
 * Prefix (in the case it was written in) and bytes of a Bech32 string.
 * @throws MALFORMED naming `what`, never repeating the text: it may be a secret.
 */
export function bech32Decode(text: string, what: string): { readonly prefix: string; readonly bytes: Uint8Array } {
  const lower = text.toLowerCase();
  if (text.length > maxLength || (text !== lower && text !== text.toUpperCase()) || !/^[\x21-\x7e]*$/.test(text))
    return broken(what);
  const separator = lower.lastIndexOf("1");
  if (separator < 1 || lower.length - separator - 1 < 6) return broken(what);
  const prefix = lower.slice(0, separator);
  const values = Array.from(lower.slice(separator + 1), (letter) => alphabet.indexOf(letter));
  if (values.includes(-1) || polymod([...expand(prefix), ...values]) !== 1) return broken(what);
  const bytes = regroup(values.slice(0, -6), 5, 8, false) ?? broken(what);
  return { prefix: text.slice(0, separator), bytes: Uint8Array.from(bytes) };
}

function broken(what: string): never {
  return fail("MALFORMED", {
    message: `${what} is not valid Bech32`,
    next: "Copy it again in full; the last six characters detect typing errors.",
  });
}

/** The prefix as the checksum sees it: high bits, a zero, low bits. */
function expand(prefix: string): number[] {
  const codes = Array.from(prefix, (letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
}

/** The BCH checksum of BIP 173 over GF(32). */
function polymod(values: readonly number[]): number {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of generators.entries()) if ((top >>> bit) & 1) check ^= generator;
  }
  return check;
}

/** Groups of `from` bits as groups of `to` bits; undefined when unpadded input leaves more than zero bits over. */
function regroup(values: Iterable<number>, from: number, to: number, pad: boolean): number[] | undefined {
  const out: number[] = [];
  let held = 0;
  let bits = 0;
  for (const value of values) {
    held = ((held << from) | value) & 0xfff;
    bits += from;
    while (bits >= to) {
      bits -= to;
      out.push((held >>> bits) & ((1 << to) - 1));
    }
  }
  const rest = (held << (to - bits)) & ((1 << to) - 1);
  if (pad) {
    if (bits > 0) out.push(rest);
    return out;
  }
  return bits >= from || rest !== 0 ? undefined : out;
}
