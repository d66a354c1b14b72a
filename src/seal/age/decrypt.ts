import { chunksOfBytes } from "../../kit/chunks.ts";
import { type Identity, unwrapping } from "./file-key.ts";
import { frontOf, headerEnd } from "./front.ts";
import { broken } from "./header.ts";
import { chunkOpener, decryptChunks, payloadNonceBytes, sealedChunkBytes } from "./payload.ts";
import { runPooled } from "./scrypt.ts";

/**
 * The plaintext of an age v1 file, as a stream in constant memory. Every yielded byte is authentic; that the file was complete is
 * known only when iteration ends without an error.
 * @throws MALFORMED for something that is not an age file · FORBIDDEN when no identity fits · INTEGRITY for changed or cut-off bytes
 */
export async function* decryptStream(
  cipher: AsyncIterable<Uint8Array>,
  identities: readonly Identity[],
): AsyncGenerator<Uint8Array, void, void> {
  const front = frontOf(cipher);
  try {
    const fileKey = await runPooled(unwrapping(await front.takeHeader(), identities));
    const nonce = (await front.take(payloadNonceBytes)) ?? noPayload();
    yield* decryptChunks(front.rest(), fileKey, nonce);
  } finally {
    await front.close();
  }
}

/** The plaintext of an age v1 file. @throws as {@link decryptStream} */
export async function decryptBytes(file: Uint8Array, identities: readonly Identity[]): Promise<Uint8Array> {
  const { header, payload } = splitFile(file);
  return openPayload(payload, await runPooled(unwrapping(header, identities)));
}

/** Header and payload of a whole file. What has no header end is all header, for the parser to refuse. */
export function splitFile(file: Uint8Array): { readonly header: Uint8Array; readonly payload: Uint8Array } {
  const end = headerEnd(Buffer.from(file.buffer, file.byteOffset, file.byteLength)) ?? file.length;
  return { header: file.subarray(0, end), payload: file.subarray(end) };
}

/** Plaintext of a payload that is all there. @throws MALFORMED, INTEGRITY */
export function openPayload(payload: Uint8Array, fileKey: Uint8Array): Uint8Array {
  if (payload.length < payloadNonceBytes) noPayload();
  const opener = chunkOpener(fileKey, payload.subarray(0, payloadNonceBytes));
  return Buffer.concat(chunksOfBytes(payload.subarray(payloadNonceBytes), sealedChunkBytes).flatMap(opener).toArray());
}

/** The test kit counts a missing nonce as part of the header. */
function noPayload(): never {
  return broken("is followed by no payload");
}
