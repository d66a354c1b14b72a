import { fail } from "../../kit/errors.ts";

/** One page of ListObjectsV2. */
export interface ListPage {
  readonly keys: readonly string[];
  /** Where the next page begins; undefined on the last. */
  readonly next: string | undefined;
}

/** Reads a ListObjectsV2 answer. @throws UNAVAILABLE when it is cut off or something else */
export function parseListPage(xml: string): ListPage {
  if (!/<ListBucketResult[\s>]/.test(xml) || !xml.trimEnd().endsWith("</ListBucketResult>"))
    return strange("a listing");
  const keys = Array.from(xml.matchAll(/<Contents>(.*?)<\/Contents>/gs), ([, item]) => element(item!, "Key"));
  const truncated = element(xml, "IsTruncated") === "true";
  const next = element(xml, "NextContinuationToken");
  if (truncated && !next) return strange("a listing");
  return { keys: keys.filter((key) => key !== undefined), next: truncated ? next : undefined };
}

/** Text of the first element called `name`, with its entities resolved. */
export function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replaceAll(/&(?:lt|gt|amp|quot|apos|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (entity, decimal, hex) => {
    const named = entities[entity];
    if (named) return named;
    const code = decimal ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}

const entities: { readonly [entity: string]: string } = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
  "&apos;": "'",
};

/** The body of CompleteMultipartUpload. ETags come from the server and are escaped. */
export function completionXml(etags: readonly string[]): string {
  const parts = etags.map(
    (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join("")}</CompleteMultipartUpload>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** The object store said something we cannot rely on. @throws UNAVAILABLE */
export function strange(what: string): never {
  return fail("UNAVAILABLE", `the object store did not answer with ${what}`);
}
