import type { BlobStore } from "../../core/ports.ts";
import { utf8 } from "../../kit/bytes.ts";
import { type Chunk, chunksOf } from "../../kit/chunks.ts";
import { fail } from "../../kit/errors.ts";
import { checkedKey, isBlobKey } from "./key.ts";
import { type Answer, type S3Client, type S3Options, s3Client } from "./s3-client.ts";
import { completionXml, element, parseListPage, strange } from "./s3-xml.ts";

/** Bytes per part; also what one upload holds in memory. */
const partBytes = 8 * 1024 * 1024;
/** S3's own bound; with our part size, 80 GiB. */
const maxParts = 10_000;

/**
 * Blobs as objects in an S3-compatible bucket (SigV4, ListObjectsV2, multipart upload above 8 MiB). An object appears only when it is
 * complete; a failed multipart upload is aborted. What fails in passing is repeated, five times in all. In a bucket that keeps old
 * versions `delete` hides rather than destroys: erasing rests on destroying the file key.
 *
 * Every call may throw UNAVAILABLE (no usable answer), FORBIDDEN (the credentials), NOT_FOUND (the bucket, or the blob on `read`) or
 * STORAGE_FULL. `read` throws INTEGRITY when fewer or more bytes arrive than were announced.
 * @throws CONFIG at once for options that cannot work
 */
export function s3Blobs(options: S3Options): BlobStore {
  const client = s3Client(options);
  const prefix = prefixOf(options.prefix ?? "");
  const pathOf = (key: string) => `${prefix}${checkedKey(key)}`;

  return {
    async write(key, bytes) {
      const path = pathOf(key);
      const parts = chunksOf(bytes, partBytes);
      const first = await parts.next();
      if (first.done) return fail("INTERNAL", "a stream without even a last chunk");
      try {
        if (!first.value.last) return await uploadParts(client, path, first.value, parts);
        const answer = await client.send({ method: "PUT", path, body: first.value.bytes });
        await answer.discard();
        return first.value.bytes.length;
      } finally {
        // Whatever happened, the source may let go of what it holds.
        await parts.return();
      }
    },

    read(key) {
      return readObject(client, pathOf(key), key);
    },

    async delete(key) {
      const answer = await client.send({ method: "DELETE", path: pathOf(key) }, [404]);
      await answer.discard();
    },

    async has(key) {
      const answer = await client.send({ method: "HEAD", path: pathOf(key) }, [404]);
      await answer.discard();
      return answer.status !== 404;
    },

    async *list() {
      let token: string | undefined;
      do {
        const query = {
          "list-type": "2",
          "max-keys": String(options.pageSize ?? 1000),
          ...(prefix && { prefix }),
          ...(token && { "continuation-token": token }),
        };
        const page = parseListPage(await (await client.send({ method: "GET", path: "", query })).text());
        for (const key of page.keys) {
          const own = key.startsWith(prefix) ? key.slice(prefix.length) : "";
          if (isBlobKey(own)) yield own;
        }
        if (page.next !== undefined && page.next === token) strange("a listing that ends");
        token = page.next;
      } while (token !== undefined);
    },
  };
}

/** The prefix with one slash at its end. @throws CONFIG when it could be read as a path that climbs */
function prefixOf(prefix: string): string {
  const plain = prefix.replace(/\/$/, "");
  if (plain === "") return "";
  const segments = plain.split("/");
  return segments.every((segment) => /^[\w-][\w.-]{0,99}$/.test(segment))
    ? `${plain}/`
    : fail("CONFIG", `"${prefix.slice(0, 80)}" cannot be a prefix: use letters, digits, "-", "_" and "/"`);
}

async function uploadParts(
  client: S3Client,
  path: string,
  first: Chunk,
  others: AsyncIterable<Chunk>,
): Promise<number> {
  const started = await client.send({ method: "POST", path, query: { uploads: "" } });
  const uploadId = element(await started.text(), "UploadId") ?? strange("an upload id");
  try {
    const etags: string[] = [];
    let length = 0;
    const upload = async ({ bytes }: Chunk) => {
      if (etags.length === maxParts) fail("LIMIT", `a blob may have ${maxParts * partBytes} bytes at most`);
      const query = { partNumber: String(etags.length + 1), uploadId };
      const answer = await client.send({ method: "PUT", path, query, body: bytes });
      await answer.discard();
      etags.push(answer.headers.get("etag") ?? strange("the etag of a part"));
      length += bytes.length;
    };
    await upload(first);
    for await (const part of others) await upload(part);
    const body = utf8(completionXml(etags));
    const completed = await client.send({ method: "POST", path, query: { uploadId }, body });
    // S3 may find out late and send an error with status 200.
    if (!(await completed.text()).includes("<CompleteMultipartUploadResult")) strange("a completed upload");
    await verifyLength(client, path, length);
    return length;
  } catch (error) {
    // Parts of an upload that is neither completed nor aborted are stored, and paid for, without being visible.
    await client.send({ method: "DELETE", path, query: { uploadId } }).then(letGo, () => undefined);
    throw error;
  }
}

async function verifyLength(client: S3Client, path: string, length: number): Promise<void> {
  const answer = await client.send({ method: "HEAD", path });
  await answer.discard();
  if (announcedLength(answer) !== length)
    fail("INTEGRITY", `the object store kept ${answer.headers.get("content-length")} of ${length} bytes`);
}

async function* readObject(client: S3Client, path: string, key: string): AsyncGenerator<Uint8Array, void, void> {
  const answer = await client.send({ method: "GET", path });
  try {
    const expected = announcedLength(answer) ?? strange("the length of a blob");
    let length = 0;
    for await (const piece of answer.pieces()) {
      length += piece.length;
      if (length > expected) break;
      yield piece;
    }
    if (length !== expected) fail("INTEGRITY", `blob ${key} has ${length} bytes where ${expected} were announced`);
  } finally {
    await answer.discard();
  }
}

function announcedLength(answer: Answer): number | undefined {
  const text = answer.headers.get("content-length");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

async function letGo(answer: Answer): Promise<void> {
  await answer.discard();
}
