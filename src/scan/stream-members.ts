import type { ByteSource } from "../core/byte-source.ts";
import { sliceSource } from "../core/byte-source.ts";
import type { Leftover } from "../formats/container/anomaly.ts";
import { leftoverAt } from "../formats/container/coverage.ts";
import type { Decoder } from "../formats/container/decoder.ts";
import { piecesOf } from "../formats/container/decoder.ts";
import { fail } from "../kit/errors.ts";
import { leftoverMembers } from "./leftovers.ts";
import type { Member, Reading } from "./reader.ts";

/** A decoder that knows which bytes behind its end are padding. */
export interface StreamDecoder extends Decoder {
  readonly leftover?: Leftover | undefined;
}

/**
 * The members of a compressed file: what it unpacks to, and then whatever follows the compressed data, if anything does. That
 * something follows is known only when the first was unpacked; it leaves the file incomplete.
 */
function* streamMembers(source: ByteSource, name: string, open: () => StreamDecoder): Generator<Member, void, void> {
  let found: Leftover | undefined;
  yield {
    name,
    packedSize: source.size,
    *content() {
      const decoder = open();
      for (const piece of piecesOf(decoder)) yield piece;
      found =
        "leftover" in decoder
          ? decoder.leftover
          : leftoverAt(source, decoder.offset, source.size, "behind the compressed data");
      if (found && found.content !== "zeros") {
        fail("MALFORMED", {
          message: `${found.length} bytes follow the compressed data`,
          where: `byte ${found.offset}`,
        });
      }
    },
  };
  if (found) yield* leftoverMembers([found], (start, end) => sliceSource(source, start, end));
}

/** A compressed file as read: nothing is known of it before it is unpacked. */
export interface CompressedFile {
  members(): Iterable<Member>;
}

/** The reading of a compressed file. */
export function compressedFile(source: ByteSource, name: string, open: () => StreamDecoder): Reading<CompressedFile> {
  return { structure: { members: () => streamMembers(source, unpackedName(name), open) }, incomplete: [] };
}

const shorter: ReadonlyMap<string, string> = new Map([
  [".tgz", ".tar"],
  [".tbz2", ".tar"],
  [".tbz", ".tar"],
  [".txz", ".tar"],
  [".tlz", ".tar"],
  [".tzst", ".tar"],
]);
const packed = /\.(?:gz|gzip|bz2|bz|xz|lzma|lz4|zst|z|zlib)$/i;

/** What the file inside is called: "model.pkl" in "model.pkl.gz". A name that does not tell stays, since people load such files by it. */
function unpackedName(name: string): string {
  const dot = name.lastIndexOf(".");
  const whole = dot > 0 ? shorter.get(name.slice(dot).toLowerCase()) : undefined;
  if (whole !== undefined) return name.slice(0, dot) + whole;
  return name.replace(packed, "") || name;
}
