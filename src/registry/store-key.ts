import { fail } from "../kit/errors.ts";
import { unwrapFileKey, wrapFileKey } from "../seal/age/file-key.ts";
import type { ObjectRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { facts } from "./facts.ts";

/** The recipient new objects must be wrapped for; undefined while nothing was ever stored. */
export function currentRecipient(context: Context): Promise<string | undefined> {
  return context.repository.fact(facts.storeKey);
}

/** Makes `recipient` the one new objects are wrapped for. Needs the log's lock. */
export async function setCurrentRecipient(context: Context, recipient: string): Promise<void> {
  await context.repository.transaction((tx) => tx.setFact(facts.storeKey, recipient));
}

/**
 * Returns when objects wrapped by this process may be added. Another process may have rotated the store key since this one was
 * opened: what we wrapped would be lost with the old key.
 * @throws CONFLICT
 */
export async function claimStoreKey(context: Context): Promise<void> {
  const current = await currentRecipient(context);
  const mine = context.keyring.current.recipient;
  if (current === undefined) return setCurrentRecipient(context, mine);
  if (current !== mine)
    fail("CONFLICT", {
      message: "The store key was rotated since this registry was opened",
      where: current,
      next: "Open it again with the new store key.",
    });
}

/** `rows` with every key wrapped for the current store key, for the case that it was rotated while their bytes were stored. */
export function currentlyWrapped({ keyring }: Context, rows: readonly ObjectRow[]): readonly ObjectRow[] {
  const { recipient } = keyring.current;
  return rows.map((row) => {
    if (row.wrappedFor === recipient || row.header === undefined) return row;
    const header = wrapFileKey(unwrapFileKey(row.header, keyring.identities), [recipient]);
    return { ...row, header, wrappedFor: recipient };
  });
}
