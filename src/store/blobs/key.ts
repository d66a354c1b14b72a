import { fail } from "../../kit/errors.ts";

const form = /^[0-9a-z][0-9a-z_-]*(?:\/[0-9a-z_-]+)*$/;
const maxLength = 201;

/** True for segments of `0-9 a-z _ -` joined by single slashes, 201 characters at most. Dots never occur, so no key climbs out. */
export function isBlobKey(text: string): boolean {
  return text.length <= maxLength && form.test(text);
}

/** `key`, when it is one. @throws MALFORMED */
export function checkedKey(key: string): string {
  return isBlobKey(key) ? key : fail("MALFORMED", `"${key.slice(0, 80)}" cannot be the key of a blob`);
}
