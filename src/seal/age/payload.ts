import { randomBytes } from "node:crypto";
import { fail } from "../../kit/errors.ts";
import { hkdf, open, sealParts, tagLength } from "./aead.ts";
import { type Chunk, chunksOf } from "../../kit/chunks.ts";
import { frontOf } from "./front.ts";

/** Plaintext bytes per chunk. */
export const chunkBytes = 64 * 1024;
/** Ciphertext bytes of a full chunk. */
export const sealedChunkBytes = chunkBytes + tagLength;
/** Bytes of the random nonce a payload begins with. */
export const payloadNonceBytes = 16;

/**
 * The age payload of `plain`: a 16-byte nonce, then sealed chunks of 64 KiB (C2SP age, "Payload"; a STREAM construction).
 * Constant memory; every array it yields is new, and some are as short as a 16-byte tag: a writer
 * should gather them.
 */
export async function* encryptPayload(
  plain: AsyncIterable<Uint8Array>,
  fileKey: Uint8Array,
): AsyncGenerator<Uint8Array, void, void> {
  const nonce = randomBytes(payloadNonceBytes);
  yield nonce;
  const sealer = chunkSealer(fileKey, nonce);
  for await (const chunk of chunksOf(plain, chunkBytes)) yield* sealer(chunk);
}

/**
 * The plaintext of an age payload, chunk by chunk, each authenticated before it is yielded. That a stream was complete is known
 * only when iteration ends without an error. Constant memory; every array it yields is new.
 * @throws INTEGRITY for bytes that were changed, reordered or cut off, or another file's key
 */
export async function* decryptPayload(
  cipher: AsyncIterable<Uint8Array>,
  fileKey: Uint8Array,
): AsyncGenerator<Uint8Array, void, void> {
  const front = frontOf(cipher);
  try {
    const nonce = (await front.take(payloadNonceBytes)) ?? cutOff("before the first chunk");
    yield* decryptChunks(front.rest(), fileKey, nonce);
  } finally {
    await front.close();
  }
}

/** Plaintext of the chunks that follow `nonce`. @throws INTEGRITY */
export async function* decryptChunks(
  sealed: AsyncIterable<Uint8Array>,
  fileKey: Uint8Array,
  nonce: Uint8Array,
): AsyncGenerator<Uint8Array, void, void> {
  const opener = chunkOpener(fileKey, nonce);
  for await (const chunk of chunksOf(sealed, sealedChunkBytes)) yield* opener(chunk);
}

/** Seals chunk after chunk, in order: ciphertext and tag of each. */
export function chunkSealer(fileKey: Uint8Array, nonce: Uint8Array): (chunk: Chunk) => readonly Uint8Array[] {
  const key = hkdf(fileKey, nonce, "payload");
  const counter = chunkCounter();
  return ({ bytes, last }) => sealParts(key, counter.next(last), bytes);
}

/** Opens chunk after chunk, in order. What it yields is authentic; it throws INTEGRITY where the file stops being so. */
export function chunkOpener(fileKey: Uint8Array, nonce: Uint8Array): (chunk: Chunk) => Iterable<Uint8Array> {
  const key = hkdf(fileKey, nonce, "payload");
  const counter = chunkCounter();
  return function* ({ bytes, last }) {
    if (bytes.length < tagLength) cutOff("inside a chunk");
    const index = counter.used();
    const plain = open(key, counter.next(last), bytes);
    if (plain) {
      // An empty last chunk after others would be a second way to write the same plaintext.
      if (plain.length === 0 && index > 0) damaged("the last chunk is empty", index);
      if (plain.length > 0) yield plain;
      return;
    }
    // A full chunk that is sealed the other way is authentic too; it is what surrounds it that is wrong.
    const other = bytes.length === sealedChunkBytes ? open(key, counter.flip(), bytes) : undefined;
    if (!other) damaged("the encrypted bytes were changed or cut off", index);
    yield other;
    if (last) cutOff(`after chunk ${index}`);
    damaged("there are bytes after the last chunk", index);
  };
}

/** The chunk nonces: an 11-byte big-endian counter and a byte that marks the last chunk. Each call reuses the array. */
function chunkCounter() {
  const nonce = Buffer.alloc(12);
  let count = 0;
  return {
    used: () => count,
    next(last: boolean): Uint8Array {
      nonce.writeUIntBE(count++, 5, 6);
      nonce[11] = last ? 1 : 0;
      return nonce;
    },
    /** The nonce of the same chunk with the other mark. */
    flip(): Uint8Array {
      nonce[11]! ^= 1;
      return nonce;
    },
  };
}

function damaged(message: string, index: number): never {
  return fail("INTEGRITY", { message, where: `age payload, chunk ${index}` });
}

function cutOff(place: string): never {
  return fail("INTEGRITY", { message: `the encrypted bytes are cut off ${place}`, where: "age payload" });
}
