import { fail } from "../kit/errors.ts";
import type { Context } from "./context.ts";

const currentStoreKey = "registry.store-key";

/** The recipient new objects must be wrapped for; undefined while nothing was ever stored. */
export function currentRecipient(context: Context): Promise<string | undefined> {
  return context.repository.fact(currentStoreKey);
}

/** Makes `recipient` the one new objects are wrapped for. Needs the log's lock. */
export async function setCurrentRecipient(context: Context, recipient: string): Promise<void> {
  await context.repository.transaction((tx) => tx.setFact(currentStoreKey, recipient));
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
