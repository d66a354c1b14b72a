import type { Json } from "./canonical-json.ts";
import { fail } from "./errors.ts";

/**
 * The value a JSON Pointer (RFC 6901) names in `document`, or undefined when there is none.
 * @throws MALFORMED when `pointer` is not a JSON Pointer.
 */
export function atPointer(document: Json, pointer: string): Json | undefined {
  if (pointer === "") return document;
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) fail("MALFORMED", `"${pointer}" is not a JSON Pointer`);
  let value: Json | undefined = document;
  for (const raw of pointer.slice(1).split("/")) {
    const token = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) {
      value = /^(0|[1-9]\d*)$/.test(token) ? (value as Json[])[Number(token)] : undefined;
    } else if (typeof value === "object" && value !== null && Object.hasOwn(value, token)) {
      value = (value as { readonly [key: string]: Json | undefined })[token];
    } else {
      return undefined;
    }
  }
  return value;
}
