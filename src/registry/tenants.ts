import { asName } from "../core/asset.ts";
import { fail } from "../kit/errors.ts";
import type { Context } from "./context.ts";
import { tenantTopic } from "./leaf.ts";
import { asJson, stateTypes, type TenantPredicate } from "./predicates.ts";
import { record } from "./record.ts";
import { inSession } from "./session.ts";

/** Adds a tenant. @throws CONFLICT when it exists · USAGE for an unusable name */
export async function addTenant(context: Context, tenant: string): Promise<void> {
  asName(tenant, "The tenant");
  await inSession(context, async (session) => {
    if ((await context.repository.tenants()).includes(tenant))
      fail("CONFLICT", { message: `Tenant "${tenant}" exists already`, where: tenant });
    const predicate: TenantPredicate = { tenant, createdAt: session.at };
    const topic = tenantTopic(tenant);
    await record(context, session, {
      tenant,
      predicateType: stateTypes.tenant,
      predicate: asJson(predicate),
      subjects: [{ name: `tenant/${tenant}`, digest: { sha256: topic } }],
      about: [`sha256:${topic}`],
      topic,
      // A statement cannot stand in a tenant that does not exist: the row comes with it, not after it.
      alongside: (tx) => tx.addTenant(tenant, session.at),
    });
  });
}

/** Adds a tenant unless it exists: what starting up does. */
export async function ensureTenant(context: Context, tenant: string): Promise<void> {
  if ((await context.repository.tenants()).includes(tenant)) return;
  try {
    await addTenant(context, tenant);
  } catch (error) {
    // Another process may have added it since we looked.
    if (!(await context.repository.tenants()).includes(tenant)) throw error;
  }
}

/** Returns when the tenant exists. @throws NOT_FOUND */
export async function mustBeTenant(context: Context, tenant: string): Promise<void> {
  if (!(await context.repository.tenants()).includes(tenant))
    fail("NOT_FOUND", { message: `There is no tenant "${tenant.slice(0, 80)}"`, next: "Add it first." });
}
