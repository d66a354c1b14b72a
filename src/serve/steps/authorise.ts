import { refuse } from "../refusal.ts";
import type { CheckStep } from "../stages.ts";

/** A principal may call the models of the tenants it is listed for, and nothing it is not listed for. */
export function tenantScope(): CheckStep {
  return {
    name: "tenant-scope",
    run({ principal, target }) {
      if (!principal) refuse(401, "FORBIDDEN", { message: "Nobody is authenticated" });
      if (target && principal.tenants !== "*" && !principal.tenants.includes(target.tenant)) {
        refuse(403, "FORBIDDEN", { message: `${principal.name} may not call models of tenant ${target.tenant}` });
      }
    },
  };
}

/** Gateway-wide pages show every tenant, so only a principal of all tenants may read them. */
export function wholeGateway(): CheckStep {
  return {
    name: "whole-gateway",
    run({ principal }) {
      if (!principal) refuse(401, "FORBIDDEN", { message: "Nobody is authenticated" });
      if (principal.tenants !== "*")
        refuse(403, "FORBIDDEN", { message: `${principal.name} may not see the whole gateway` });
    },
  };
}
