import { expect, it } from "vitest";
import { decryptStream } from "./decrypt.ts";
import { encryptStream } from "./encrypt.ts";
import { generateIdentity } from "./identity.ts";

it("encrypts and decrypts 2 GiB in constant memory", async () => {
  const { identity, recipient } = generateIdentity();
  const piece = Buffer.alloc(262_144, "castellan");
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < 8192; n++) yield piece;
  };
  let length = 0;
  let start = 0;
  let top = 0;
  for await (const part of decryptStream(encryptStream(source(), [recipient]), [identity])) {
    length += part.length;
    if (length === 64 * 1_048_576) start = process.memoryUsage.rss();
    top = Math.max(top, process.memoryUsage.rss());
  }
  expect(length).toBe(2 ** 31);
  expect(top - start).toBeLessThan(100_000_000);
});
