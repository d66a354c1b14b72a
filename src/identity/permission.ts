import { fail } from "../kit/errors.ts";
import { everyTenant, type Actor, type Role } from "./actor.ts";

/** Everything the registry can be asked to do for a tenant. */
export const actions = [
  "see",
  "read",
  "read-features",
  "register",
  "attach",
  "promote",
  "rollback",
  "revoke",
  "erase",
  "kill",
  "administer",
] as const;
export type Action = (typeof actions)[number];

/** The whole permission table. What does not stand here is denied. */
const allowed: { readonly [role in Role]: readonly Action[] } = {
  reader: ["see", "read"],
  "features-reader": ["see", "read-features"],
  contributor: ["see", "read", "register", "attach"],
  operator: ["see", "read", "promote", "rollback", "revoke", "kill"],
  owner: ["see", "read", "register", "attach", "promote", "rollback", "revoke", "erase", "kill", "administer"],
};

/** May `actor` do `action` on what belongs to `tenant`? Deny by default: unknown roles and actions, and other tenants, are no. */
export function may(actor: Actor, action: Action, tenant: string): boolean {
  if (actor.tenant !== everyTenant && actor.tenant !== tenant) return false;
  return actor.roles.some((role) => Object.hasOwn(allowed, role) && allowed[role].includes(action));
}

/**
 * Returns when `actor` may do `action` on what belongs to `tenant`.
 * @throws FORBIDDEN without saying whether the thing asked for exists
 */
export function mustBeAllowed(actor: Actor, action: Action, tenant: string): void {
  if (may(actor, action, tenant)) return;
  const needed = Object.entries(allowed).flatMap(([role, list]) => (list.includes(action) ? [role] : []));
  fail("FORBIDDEN", {
    message: `${actor.name} may not ${action} in tenant "${tenant}"`,
    next: `It takes one of the roles ${needed.join(", ")} in that tenant.`,
  });
}
