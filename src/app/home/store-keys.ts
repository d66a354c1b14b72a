import { existsSync, readFileSync, rmSync } from "node:fs";
import type { StoreKey } from "../../registry/context.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import { generateIdentity, recipientOf } from "../../seal/age/identity.ts";
import { writeDurably } from "./durable-file.ts";
import type { HomeLayout } from "./layout.ts";

/** The store keys of a home: the one new objects are wrapped for, and others that can still be read with. */
export interface StoreKeys {
  readonly current: StoreKey;
  readonly others: readonly string[];
}

/** @throws MALFORMED when the key file holds no key */
export function readStoreKeys(layout: HomeLayout): StoreKeys {
  const [identity] = identitiesIn(layout.storeKey);
  if (identity === undefined)
    return fail("MALFORMED", { message: "The store key file holds no key", where: layout.storeKey });
  const others = [...identitiesIn(layout.nextStoreKey), ...identitiesIn(layout.olderStoreKeys)];
  return { current: { identity, recipient: recipientOf(identity) }, others };
}

/** A store key file's text, as age writes its identity files. */
export function storeKeyText({ identity, recipient }: StoreKey): string {
  return `# public key: ${recipient}\n${identity}\n`;
}

/** The key a rotation goes to, durably kept: the one an interrupted rotation left, or a new one. */
export function nextStoreKey(layout: HomeLayout): StoreKey {
  const [identity] = identitiesIn(layout.nextStoreKey);
  if (identity !== undefined) return { identity, recipient: recipientOf(identity) };
  const next = generateIdentity();
  writeDurably(layout.nextStoreKey, storeKeyText(next), 0o600, true);
  return next;
}

/** Makes the key a finished rotation went to the current one. The old key is kept: older backups need it. */
export function adoptStoreKey(layout: HomeLayout, next: StoreKey): void {
  const old = readFileSync(layout.storeKey, "utf8");
  const older = existsSync(layout.olderStoreKeys) ? readFileSync(layout.olderStoreKeys, "utf8") : "";
  if (!older.includes(old)) writeDurably(layout.olderStoreKeys, old + older, 0o600);
  writeDurably(layout.storeKey, storeKeyText(next), 0o600);
  rmSync(layout.nextStoreKey, { force: true });
}

function identitiesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  for (const identity of identities) {
    try {
      recipientOf(identity);
    } catch (cause) {
      if (!isCastellanError(cause)) throw cause;
      fail("MALFORMED", {
        message: `The store key cannot be read: ${cause.message}`,
        where: path,
        next: "Restore it from your copy of the keys folder; without it nothing stored can be read.",
        cause,
      });
    }
  }
  return identities;
}
