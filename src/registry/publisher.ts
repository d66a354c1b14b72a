import type { KeyObject } from "node:crypto";
import { fail } from "../kit/errors.ts";
import type { Trust } from "../seal/model-signing/verify.ts";
import type { Certificate } from "../seal/x509/certificate.ts";

/** Who may publish models that are imported, and from where. */
export interface Publisher {
  readonly name: string;
  /** Public keys it signs with. */
  readonly keys?: readonly KeyObject[];
  /** Roots its certificates lead to, and the subject alternative name they must carry. */
  readonly roots?: readonly Certificate[];
  readonly identity?: string;
  /** Patterns of source URLs: `*` stands for anything but "/", `**` for anything. */
  readonly sources: readonly string[];
}

/** Which publishers are trusted. */
export interface PublisherPolicy {
  readonly publishers: readonly Publisher[];
}

/**
 * A source as it is compared and recorded: an absolute URL in its normal form, so that `..`, user names and odd spellings cannot make
 * one place look like another.
 * @throws USAGE
 */
export function sourceUrl(text: string): string {
  const refuse = (how: string): never =>
    fail("USAGE", {
      message: `The source ${JSON.stringify(text.slice(0, 200))} ${how}`,
      next: "Give the URL the model was fetched from.",
    });
  if (text.length > 2000 || !/^[\x21-\x7e]+$/.test(text) || text.includes("\\")) refuse("holds characters no URL has");
  const url = URL.canParse(text) ? new URL(text) : refuse("is not an absolute URL");
  if (url.username !== "" || url.password !== "") refuse("carries a user name");
  if (/(?:^|[/:])\.\.?(?:\/|$)/.test(url.href) || /%(?:2e|2f|5c|00)/i.test(url.pathname))
    refuse("has dots or slashes in disguise");
  url.hash = "";
  return url.href;
}

/** Does the whole of `url` match the pattern? Linear in the length of both. */
export function matchesSource(url: string, pattern: string): boolean {
  const parts = pattern.split(/(\*\*|\*)/);
  // Positions in `url` that the parts so far can have led to.
  let at = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    if (part === "*" || part === "**") {
      const first = Math.min(...at);
      let open = false;
      for (let end = first; end <= url.length; end++) {
        if (at.has(end)) open = true;
        if (open) next.add(end);
        if (part === "*" && url[end] === "/") open = false;
      }
    } else {
      for (const start of at) if (url.startsWith(part, start)) next.add(start + part.length);
    }
    if (next.size === 0) return false;
    at = next;
  }
  return at.has(url.length);
}

/** Everything `publisher` may have signed with, at time `now` (milliseconds since 1970). @throws CONFIG when it can sign with nothing */
export function trustsOf({ name, keys = [], roots = [], identity }: Publisher, now: number): readonly Trust[] {
  const trusts: Trust[] = keys.map((key) => ({ method: "key", key }));
  if (roots.length > 0) {
    // Without a name every certificate any of these roots ever issues would do.
    if (identity === undefined)
      fail("CONFIG", { message: `Publisher "${name}" has roots but no identity`, where: name });
    trusts.push({ method: "certificate", roots, identity, now });
  }
  return trusts.length > 0
    ? trusts
    : fail("CONFIG", { message: `Publisher "${name}" has neither keys nor roots`, where: name });
}
