import { fail } from "./errors.ts";

/** A SHA-256 digest as users see it: "sha256:" and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;

const form = /^sha256:[0-9a-f]{64}$/;

/** True when `text` is a well-formed digest. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && form.test(text);
}

/** `text` as a digest. @throws MALFORMED */
export function asDigest(text: string, what = "digest"): Digest {
  return isDigest(text)
    ? text
    : fail("MALFORMED", `${what} "${text.slice(0, 80)}" is not of the form sha256:<64 hex digits>`);
}

/** The digest whose 64 hexadecimal digits are `hex`. @throws MALFORMED */
export function digestOfHex(hex: string): Digest {
  return asDigest(`sha256:${hex}`);
}

/** The 64 hexadecimal digits of a digest. */
export function hexOfDigest(digest: Digest): string {
  return digest.slice("sha256:".length);
}
