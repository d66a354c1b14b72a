import { concat, utf8 } from "../kit/bytes.ts";

// What a witness signs and how the signature is laid out. https://c2sp.org/tlog-cosignature (Ed25519, version 1)

const ed25519SignatureLength = 64;

/** The two parts of a `timestamped_signature`. */
export interface TimestampedSignature {
  /** POSIX seconds at which the cosignature was made. */
  readonly timestamp: number;
  /** Ed25519 signature of {@link cosignatureMessage}, 64 bytes. */
  readonly signature: Uint8Array;
}

/**
 * The bytes a witness signs at `timestamp` (POSIX seconds, whole) for the checkpoint whose note text is `text`
 * (final newline included). The header line keeps these signatures apart from every other use of the key.
 */
export function cosignatureMessage(timestamp: number, text: Uint8Array): Uint8Array {
  return concat(utf8(`cosignature/v1\ntime ${timestamp}\n`), text);
}

/** `u64 timestamp` in big-endian order, then the 64 signature bytes. */
export function encodeTimestampedSignature({ timestamp, signature }: TimestampedSignature): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(timestamp));
  return concat(head, signature);
}

/** The parts of a `timestamped_signature`, or undefined when the length is wrong or the time is beyond 2^53 - 1. */
export function decodeTimestampedSignature(bytes: Uint8Array): TimestampedSignature | undefined {
  if (bytes.length !== 8 + ed25519SignatureLength) return undefined;
  const timestamp = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  if (timestamp > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return { timestamp: Number(timestamp), signature: bytes.subarray(8) };
}
