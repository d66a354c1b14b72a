import { hash } from "node:crypto";
import { sha256Hex, utf8 } from "../kit/bytes.ts";

/** The hash before the first line ever: 64 zeros. */
export const chainStart = "0".repeat(64);

const newline = 0x0a;
const hexLength = 64;

/**
 * One line of a record segment, newline included: JSON text, a blank, and SHA-256 hex over the previous line's hash and
 * this JSON text. Changing, dropping or moving a line breaks every hash after it.
 */
export function chainLine(previous: string, json: string): { readonly line: string; readonly hash: string } {
  const next = hash("sha256", previous + json, "hex");
  return { line: `${json} ${next}\n`, hash: next };
}

/** What a segment's bytes hold: how many of them are an unbroken chain, and the hash that chain ends with. */
export interface ChainCheck {
  /** Length of the longest prefix of whole, correctly chained lines. */
  readonly soundBytes: number;
  readonly lines: number;
  readonly hash: string;
}

/** Follows the chain of a segment from `previous` as far as it is unbroken. */
export function followChain(bytes: Uint8Array, previous: string): ChainCheck {
  let at = 0;
  let lines = 0;
  let last = previous;
  for (;;) {
    const end = bytes.indexOf(newline, at);
    if (end < 0 || end - at < hexLength + 1) break;
    const json = bytes.subarray(at, end - hexLength - 1);
    const claimed = Buffer.from(bytes.subarray(end - hexLength, end)).toString("latin1");
    if (sha256Hex(Buffer.concat([utf8(last), json])) !== claimed) break;
    last = claimed;
    at = end + 1;
    lines++;
  }
  return { soundBytes: at, lines, hash: last };
}
