import type { ByteSource } from "../core/byte-source.ts";
import type { Leftover } from "../formats/container/anomaly.ts";
import type { Gap, Member } from "./reader.ts";

/** Bytes of a container that belong to nothing in it leave it incomplete, unless they are zero. */
export function leftoverGaps(leftovers: readonly Leftover[]): Gap[] {
  return leftovers
    .filter(({ content }) => content !== "zeros")
    .map(({ offset, length, place, content }) => ({
      why: `${length} bytes ${place} ${content === "unread" ? "are too many to look through" : "belong to no member"}`,
      offset,
      length,
    }));
}

/** The same bytes as members: what hides there may be a file that some loader reads. */
export function* leftoverMembers(
  leftovers: readonly Leftover[],
  slice: (start: number, end: number) => ByteSource,
): Generator<Member, void, void> {
  for (const { offset, length, content, place } of leftovers) {
    if (content === "data") yield { name: `(${place} at byte ${offset})`, content: slice(offset, offset + length) };
  }
}
