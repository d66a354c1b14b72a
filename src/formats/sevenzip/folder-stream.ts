import { crc32 } from "node:zlib";
import type { ByteSource } from "../../core/byte-source.ts";
import { sliceSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { bunzip2 } from "../bzip2/bzip2.ts";
import { ByteInput } from "../container/byte-input.ts";
import type { Decoder } from "../container/decoder.ts";
import { decoderOf } from "../container/steps.ts";
import { inflate } from "../deflate/inflate.ts";
import { lzmaRaw } from "../lzma/lzma.ts";
import { Lzma2Steps, lzma2Dictionary } from "../lzma/lzma2.ts";
import { lzmaProperties } from "../lzma/lzma-core.ts";
import { unzstd } from "../zstd/zstd.ts";
import type { Coder, Folder } from "./archive.ts";

// Methods.txt of the 7-Zip sources.
const names: ReadonlyMap<string, string> = new Map([
  ["03", "delta"],
  ["03030103", "x86 branches"],
  ["0303011b", "x86 branches 2"],
  ["030401", "PPMd"],
  ["06f10701", "AES encryption"],
  ["04f71104", "LZ4"],
]);

/** Decoder of what a folder unpacks to. @throws UNSUPPORTED naming the methods */
export function folderDecoder(source: ByteSource, folder: Folder): Decoder {
  const [coder] = folder.coders;
  const known =
    folder.coders.length === 1 && folder.packed
      ? coderDecoder(sliceSource(source, folder.packed.start, folder.packed.end), coder!, folder.size)
      : undefined;
  if (known) return known;
  const methods = folder.coders.map(({ method }) => names.get(method) ?? method).join(", ");
  const encrypted = folder.coders.some(({ method }) => method === "06f10701");
  return fail("UNSUPPORTED", {
    message: encrypted ? "the member is encrypted" : `the member is packed with ${methods}`,
    next: "Unpack the archive with 7-Zip and scan the result.",
  });
}

function coderDecoder(packed: ByteSource, { method, properties }: Coder, size: number): Decoder | undefined {
  switch (method) {
    case "00":
      return copyDecoder(packed);
    case "21":
      return decoderOf(new Lzma2Steps(new ByteInput(packed), lzma2Dictionary(properties[0] ?? 41)));
    case "030101":
      if (properties.length < 5) fail("MALFORMED", "LZMA in a 7z file has no properties");
      return lzmaRaw(packed, 0, {
        properties: lzmaProperties(properties[0]!),
        dictionary: properties.readUInt32LE(1),
        size,
      });
    case "040108":
      return inflate(packed);
    case "040109":
      return inflate(packed, 0, true);
    case "040202":
      return bunzip2(packed);
    case "04f71101":
      return unzstd(packed);
    default:
      return undefined;
  }
}

function copyDecoder(packed: ByteSource): Decoder {
  let at = 0;
  return {
    get offset() {
      return at;
    },
    next() {
      const piece = packed.read(at, 256 * 1024);
      at += piece.length;
      return piece.length > 0 ? piece : undefined;
    },
  };
}

/**
 * Members of a solid folder are parts of one stream. Read in order, it is unpacked once; a member before the current place makes it
 * start again.
 */
export class FolderStream {
  private readonly open: () => Decoder;
  private decoder: Decoder | undefined;
  private piece: Uint8Array = new Uint8Array(0);
  private at = 0;

  private readonly size: number;
  private readonly packedSize: number;

  constructor(open: () => Decoder, size: number, packedSize: number) {
    this.open = open;
    this.size = size;
    this.packedSize = packedSize;
  }

  /** The bytes from `start`, `length` of them; then the checksum is compared. @throws as the decoder; INTEGRITY; MALFORMED when they end early */
  *read(start: number, length: number, crc: number | undefined): Generator<Uint8Array, void, void> {
    if (!this.decoder || start < this.at) {
      this.decoder = undefined;
      this.decoder = this.open();
      this.at = 0;
      this.piece = new Uint8Array(0);
    }
    for (let skip = start - this.at; skip > 0; skip = start - this.at) {
      // The caller is given a turn for every piece that only is skipped.
      if (this.drop(skip) === 0) yield this.fill();
    }
    let left = length;
    let sum = 0;
    while (left > 0) {
      if (this.piece.length === 0) {
        this.fill();
        if (this.piece.length === 0) {
          yield this.piece;
          continue;
        }
      }
      const part = this.piece.slice(0, left);
      this.drop(part.length);
      left -= part.length;
      sum = crc32(part, sum);
      yield part;
    }
    if (crc !== undefined && sum !== crc) fail("INTEGRITY", "the checksum of the member does not fit its data");
    if (this.at === this.size) this.finish();
  }

  /** Behind the last member the packed data must be used up. */
  private finish(): void {
    const { decoder } = this;
    this.decoder = undefined;
    if (this.piece.length > 0 || decoder?.next() !== undefined)
      fail("MALFORMED", "the packed data hold more than the members");
    if (decoder && decoder.offset !== this.packedSize)
      fail("MALFORMED", `${this.packedSize - decoder.offset} bytes follow the packed data`);
  }

  private drop(most: number): number {
    const count = Math.min(most, this.piece.length);
    this.piece = this.piece.subarray(count);
    this.at += count;
    return count;
  }

  /** Gets the next piece; returns nothing, for the caller to hand out. */
  private fill(): Uint8Array {
    const { decoder } = this;
    // A decoder that failed once must not be asked again.
    this.decoder = undefined;
    const piece = decoder?.next();
    if (!piece) return fail("MALFORMED", "the packed data end before the member does");
    this.decoder = decoder;
    // The decoder's buffer is free for it again only once the piece was used up.
    this.piece = piece;
    return new Uint8Array(0);
  }
}
