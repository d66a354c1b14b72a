import { randomBytes } from "node:crypto";
import { chunksOfBytes } from "../../kit/chunks.ts";
import { newFileKey, type Recipient, wrapping } from "./file-key.ts";
import { chunkBytes, chunkSealer, encryptPayload, payloadNonceBytes } from "./payload.ts";
import { runPooled } from "./scrypt.ts";

/**
 * An age v1 file of `plain` for `recipients`, as a stream in constant memory.
 * @throws USAGE for no recipients, or a pass phrase beside others · MALFORMED for a recipient that is none
 */
export async function* encryptStream(
  plain: AsyncIterable<Uint8Array>,
  recipients: readonly Recipient[],
): AsyncGenerator<Uint8Array, void, void> {
  const fileKey = newFileKey();
  yield await runPooled(wrapping(fileKey, recipients));
  yield* encryptPayload(plain, fileKey);
}

/** An age v1 file of `plain` for `recipients`. @throws as {@link encryptStream} */
export async function encryptBytes(plain: Uint8Array, recipients: readonly Recipient[]): Promise<Uint8Array> {
  const fileKey = newFileKey();
  return assemble(await runPooled(wrapping(fileKey, recipients)), plain, fileKey);
}

/** Header ‖ nonce ‖ chunks of bytes that are all there. */
export function assemble(header: Uint8Array, plain: Uint8Array, fileKey: Uint8Array): Uint8Array {
  const nonce = randomBytes(payloadNonceBytes);
  const sealer = chunkSealer(fileKey, nonce);
  return Buffer.concat([header, nonce, ...chunksOfBytes(plain, chunkBytes).flatMap(sealer)]);
}
