import { hash } from "node:crypto";
import type { RawFinding } from "./events.ts";

/**
 * What stays the same about a finding when its file is moved and its lines shift: 32 hexadecimal digits of the SHA-256 over the
 * check and the key of what it saw. The path is not in it.
 */
export function fingerprintOf({ id, key }: Pick<RawFinding, "id" | "key">): string {
  return hash("sha256", JSON.stringify(["castellan-finding-v1", id, key]), "hex").slice(0, 32);
}

/** Fingerprints of findings that are alike but in several places: the first keeps its own, later ones get "-2", "-3" … */
export function numbered(fingerprint: string, ordinal: number): string {
  return ordinal <= 1 ? fingerprint : `${fingerprint}-${ordinal}`;
}

/** The fingerprint without its number. */
export function withoutNumber(fingerprint: string): string {
  return fingerprint.replace(/-\d+$/, "");
}
