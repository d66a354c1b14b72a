import type { Digest } from "../kit/digest.ts";
import { defaultTenant } from "../core/asset.ts";
import { fail, isCastellanError } from "../kit/errors.ts";
import { unwrapFileKey, wrapFileKey } from "../seal/age/file-key.ts";
import { recipientOf } from "../seal/age/identity.ts";
import type { ObjectRow } from "../store/repository.ts";
import type { Context, StoreKey } from "./context.ts";
import { storeTopic } from "./leaf.ts";
import { asJson, type KeyRotationPredicate, recordTypes } from "./predicates.ts";
import { record } from "./record.ts";
import { inSession } from "./session.ts";
import { currentRecipient, setCurrentRecipient } from "./store-key.ts";

/** Versions whose headers are replaced under one hold of the log's lock: others, such as the kill switch, get in between. */
const versionsPerTurn = 16;

/** What a rotation did. */
export interface Rotation {
  /** The recipient every stored object is now wrapped for. */
  readonly to: string;
  /** How many objects this run wrapped anew. */
  readonly rewrapped: number;
}

/**
 * Wraps the key of every stored object for the store key `next`; payloads stay as they are. New objects are wrapped for `next` from
 * the first step on. Safe to interrupt at any point and to run again: until it has returned, both keys are needed to read
 * everything, so keep the old one until then. `next` must be kept durably before this is called.
 * @throws USAGE when `next` is no key pair · INTEGRITY, at the end, when the keys of some objects could not be unwrapped; all
 *   others are rotated then · FORBIDDEN when the key they are wrapped for is not at hand
 */
export async function rotateStoreKey(context: Context, next: StoreKey): Promise<Rotation> {
  if (recipientOf(next.identity) !== next.recipient)
    fail("USAGE", "The new store key's identity and recipient do not belong together");
  const { keyring } = context;
  const before = await inSession(context, async () => {
    const current = await currentRecipient(context);
    await setCurrentRecipient(context, next.recipient);
    keyring.identities = [...new Set([next.identity, keyring.current.identity, ...keyring.identities])];
    keyring.current = next;
    return current;
  });
  const failures: unknown[] = [];
  let rewrapped = 0;
  for (const group of groups(await versionsToRotate(context, next.recipient)))
    rewrapped += await inSession(context, () => rotateVersions(context, group, next.recipient, failures));
  if (failures.length > 0) throw worst(failures);
  if (rewrapped > 0 || before !== next.recipient) await recordRotation(context, next.recipient, rewrapped);
  return { to: next.recipient, rewrapped };
}

interface VersionKey {
  readonly tenant: string;
  readonly version: Digest;
}

async function versionsToRotate(context: Context, recipient: string): Promise<readonly VersionKey[]> {
  const found = new Map<string, VersionKey>();
  for await (const row of context.repository.allObjects())
    if (isBehind(row, recipient))
      found.set(`${row.tenant} ${row.version}`, { tenant: row.tenant, version: row.version });
  return [...found.values()];
}

/** Looks again under the lock: what was erased meanwhile has no key to wrap. */
async function rotateVersions(
  context: Context,
  group: readonly VersionKey[],
  recipient: string,
  failures: unknown[],
): Promise<number> {
  let count = 0;
  for (const { tenant, version } of group) {
    const headers = new Map<string, Uint8Array>();
    for (const row of await context.repository.objects(tenant, version)) {
      if (!isBehind(row, recipient)) continue;
      try {
        headers.set(row.path, wrapFileKey(unwrapFileKey(row.header!, context.keyring.identities), [recipient]));
      } catch (error) {
        failures.push(namedFailure(error, row));
      }
    }
    await context.repository.transaction(async (tx) => {
      for (const [path, header] of headers) await tx.rewrapObject(tenant, version, path, header, recipient);
    });
    count += headers.size;
  }
  return count;
}

function isBehind({ header, wrappedFor }: ObjectRow, recipient: string): boolean {
  return header !== undefined && wrappedFor !== recipient;
}

function* groups<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += versionsPerTurn) yield items.slice(at, at + versionsPerTurn);
}

function namedFailure(cause: unknown, { tenant, version, path, wrappedFor }: ObjectRow): unknown {
  try {
    return fail(isCastellanError(cause, "FORBIDDEN") ? "FORBIDDEN" : "INTEGRITY", {
      message: `The key of ${path} could not be unwrapped: ${(cause as Error).message}`,
      where: `${tenant}@${version}: ${path}, wrapped for ${wrappedFor}`,
      next: "Everything else is rotated. Keep the old store key, restore this object from a backup, or erase the version.",
      cause,
    });
  } catch (error) {
    return error;
  }
}

function worst(failures: readonly unknown[]): unknown {
  return failures.find((failure) => isCastellanError(failure, "INTEGRITY")) ?? failures[0];
}

async function recordRotation(context: Context, to: string, rewrapped: number): Promise<void> {
  await inSession(context, async (session) => {
    const predicate: KeyRotationPredicate = { to, rewrapped, at: session.at };
    const topic = storeTopic();
    await record(context, session, {
      tenant: defaultTenant,
      predicateType: recordTypes.keyRotation,
      predicate: asJson(predicate),
      subjects: [{ name: "store", digest: { sha256: topic } }],
      about: [`sha256:${topic}`],
      topic,
    });
  });
}
