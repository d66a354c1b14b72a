import type { Clock } from "../../kit/clock.ts";
import { refuse } from "../refusal.ts";
import type { ServingTable } from "../serving-table.ts";
import type { CheckStep } from "../stages.ts";

/**
 * Resolves the alias to a version, once, by the table in effect now. A version nothing proves is refused with the
 * requirements it lacks; so is one whose proof has run out.
 */
export function routeByTable(table: () => ServingTable, clock: Clock): CheckStep {
  return {
    name: "serving-table",
    run(exchange) {
      const { target } = exchange;
      if (!target) return;
      const { tenant, name, label } = target;
      const current = table();
      if (Number.isNaN(current.revision)) {
        refuse(503, "UNAVAILABLE", {
          message: "What is promoted is not known now, so nothing is served",
          next: "The store has not been readable; see `castellan status`.",
        });
      }
      const found = current.resolve(tenant, name, label, exchange.id, clock.now());
      switch (found.kind) {
        case "serve":
          exchange.version = found.version;
          return;
        case "refused": {
          const { outcome, missing, digest } = found.version;
          refuse(
            outcome === "fail" ? 403 : 503,
            outcome === "fail" ? "POLICY" : "UNDECIDED",
            {
              message: `${name}:${label} is not served: ${missing.map((one) => `${one.id} (${one.reason})`).join("; ")}`,
              where: `${tenant}/${name}:${label}`,
              next: `Supply what is missing, then see \`castellan gate ${tenant}/${name}@${digest}\`.`,
            },
            { version: digest, outcome, requirements: missing.map((one) => ({ ...one })) },
          );
        }
        case "expired":
          refuse(503, "EXPIRED", {
            message: `The proof for ${name}:${label} has run out and is being asked for again`,
            where: `${tenant}/${name}:${label}`,
            next: "Try again in a second; if it stays, renew what the policy wants fresh.",
          });
        case "unknown":
          refuse(404, "NOT_FOUND", {
            message: found.known
              ? `Model ${name} has no served alias or version "${label}"`
              : `There is no served model ${name}`,
            where: `${tenant}/${name}:${label}`,
            next: unknownNext(found.known, found.close),
          });
      }
    },
  };
}

function unknownNext(known: boolean, close: string | undefined): string {
  if (known) return `Its aliases are ${close}.`;
  return close === undefined ? "Promote a version first: `castellan promote REF prod`." : `Did you mean "${close}"?`;
}

/** The gateway's own pages have nothing to resolve. */
export function noTarget(): CheckStep {
  return { name: "gateway-itself", run() {} };
}
