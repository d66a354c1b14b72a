import { crc32 } from "node:zlib";
import type { ByteSource } from "../../core/byte-source.ts";
import { sliceSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { quoted } from "../container/anomaly.ts";
import type { Decoder } from "../container/decoder.ts";
import { piecesOf } from "../container/decoder.ts";
import { bunzip2 } from "../bzip2/bzip2.ts";
import { inflate } from "../deflate/inflate.ts";
import { lzmaRaw } from "../lzma/lzma.ts";
import { lzmaProperties } from "../lzma/lzma-core.ts";
import { unxz } from "../xz/xz.ts";
import { unzstd } from "../zstd/zstd.ts";
import type { ZipMember } from "./archive.ts";
import { methodNames } from "./archive.ts";

/** The stored bytes of `member`, as they lie in `source`. @throws MALFORMED when there is no local header */
export function packedBytes(source: ByteSource, member: ZipMember): ByteSource {
  if (member.dataOffset === undefined) return fail("MALFORMED", `${quoted(member.name)} has no local header`);
  return sliceSource(source, member.dataOffset, member.dataOffset + member.packedSize);
}

/**
 * The bytes of `member`: a slice when it is stored, else a function that unpacks it piece by piece and then verifies length and
 * checksum. Encrypted members are read as if they were not when their checksum shows that the flag lies.
 */
export function zipContent(source: ByteSource, member: ZipMember): ByteSource | (() => Iterable<Uint8Array>) {
  if (member.dataOffset !== undefined && member.method === 0 && !member.encrypted && !member.open)
    return packedBytes(source, member);
  return () => unpack(source, member);
}

function* unpack(source: ByteSource, member: ZipMember): Generator<Uint8Array, void, void> {
  const packed = packedBytes(source, member);
  const decoder = decoderFor(packed, member);
  let sum = 0;
  let size = 0;
  try {
    for (const piece of piecesOf(decoder)) {
      sum = crc32(piece, sum);
      size += piece.length;
      yield piece;
    }
  } catch (error) {
    if (member.encrypted)
      fail("UNSUPPORTED", {
        message: `${quoted(member.name)} is encrypted`,
        next: "Decrypt the archive and scan the result.",
      });
    throw error;
  }
  if (member.open) return;
  if (sum !== member.crc) {
    if (member.encrypted)
      fail("UNSUPPORTED", {
        message: `${quoted(member.name)} is encrypted`,
        next: "Decrypt the archive and scan the result.",
      });
    fail("INTEGRITY", `the checksum of ${quoted(member.name)} does not fit its data`);
  }
  if (size !== member.size)
    fail("INTEGRITY", `${quoted(member.name)} has ${size} bytes and is said to have ${member.size}`);
  if (decoder.offset < packed.size) {
    fail("MALFORMED", `${packed.size - decoder.offset} bytes follow the compressed data of ${quoted(member.name)}`);
  }
}

function decoderFor(packed: ByteSource, member: ZipMember): Decoder {
  switch (member.method) {
    case 0:
      return storedDecoder(packed);
    case 8:
      return inflate(packed);
    case 9:
      return inflate(packed, 0, true);
    case 12:
      return bunzip2(packed);
    case 14:
      return zipLzma(packed, member);
    case 93:
      return unzstd(packed);
    case 95:
      return unxz(packed);
    default: {
      const name = methodNames.get(member.method);
      return fail("UNSUPPORTED", {
        message: `${quoted(member.name)} is compressed with method ${member.method}${name ? ` (${name})` : ""}`,
        next: "Unpack the archive with another tool and scan the result.",
      });
    }
  }
}

/** LZMA in a zip file (APPNOTE §5.8): two bytes of version, the length of the properties, these, and the data. */
function zipLzma(packed: ByteSource, { flags, size }: ZipMember): Decoder {
  const head = packed.read(0, 9);
  if (head.length < 9 || head[2] !== 5 || head[3] !== 0)
    fail("MALFORMED", "the LZMA data of a member have no usable properties");
  const dictionary = new DataView(head.buffer, head.byteOffset, 9).getUint32(5, true);
  const marked = (flags & 2) !== 0;
  return lzmaRaw(packed, 9, { properties: lzmaProperties(head[4]!), dictionary, size: marked ? undefined : size });
}

function storedDecoder(packed: ByteSource): Decoder {
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
