import { isName } from "../core/asset.ts";
import { fail } from "../kit/errors.ts";

/** Roles an actor can hold. What each may do stands in permission.ts; a role that is not listed there may do nothing. */
export const roles = ["reader", "features-reader", "contributor", "operator", "owner"] as const;
export type Role = (typeof roles)[number];

/** The tenant an actor of the machine itself acts for: all of them. No tenant can be called this. */
export const everyTenant = "*";

/** Who performs an operation, on whose behalf, and in which roles. */
export interface Actor {
  /** The tenant the actor belongs to, or {@link everyTenant} for the person or process that holds the home. */
  readonly tenant: string;
  /** A person or service, as it shall appear on record. */
  readonly name: string;
  readonly roles: readonly Role[];
}

/**
 * The actor `name` of `tenant`.
 * @throws USAGE for a tenant or name that is not usable, or an unknown role
 */
export function actorOf(tenant: string, name: string, held: readonly string[]): Actor {
  if (tenant !== everyTenant && !isName(tenant))
    fail("USAGE", `${JSON.stringify(tenant.slice(0, 80))} is not a tenant`);
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,127}$/u.test(name))
    fail("USAGE", `${JSON.stringify(name.slice(0, 80))} is not a usable name for an actor`);
  const unknown = held.find((role) => !(roles as readonly string[]).includes(role));
  if (unknown !== undefined)
    fail("USAGE", { message: `There is no role "${unknown.slice(0, 80)}"`, next: `Roles are ${roles.join(", ")}.` });
  return Object.freeze({ tenant, name, roles: Object.freeze([...new Set(held)] as Role[]) });
}

/**
 * The actor at the keyboard of the machine that holds the home: owner of every tenant.
 * Reading feature tables is not part of that: it takes the role "features-reader" in so many words.
 */
export function hostActor(name: string, more: readonly Role[] = []): Actor {
  return actorOf(everyTenant, name, ["owner", ...more]);
}
