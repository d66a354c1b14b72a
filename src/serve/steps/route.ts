import type { Clock } from "../../kit/clock.ts";
import { type Digest, isDigest } from "../../kit/digest.ts";
import { refuse } from "../refusal.ts";
import type { ServingTable } from "../serving-table.ts";
import type { CheckStep } from "../stages.ts";
import type { UnservedVersion } from "../unserved-version.ts";

/**
 * Resolves the alias to a version, once, by the table in effect now. A version nothing proves is refused with the
 * requirements it lacks; so is one whose proof has run out.
 */
export function routeByTable(table: () => ServingTable, clock: Clock, unserved: UnservedVersion): CheckStep {
  return {
    name: "serving-table",
    // Waits only for what is refused: requests that are served stay synchronous here.
    run(exchange): void | Promise<void> {
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
          if (isDigest(label)) return refuseUnserved(unserved, tenant, name, label);
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

/** A version asked for by its digest that no alias points to: refused with what it lacks, when it is registered at all. */
async function refuseUnserved(unserved: UnservedVersion, tenant: string, name: string, digest: Digest): Promise<never> {
  const verdict = await unserved(tenant, name, digest);
  const where = `${tenant}/${name}@${digest}`;
  if (!verdict) {
    return refuse(404, "NOT_FOUND", {
      message: `Model ${name} has no version ${digest}`,
      where,
      next: "See castellan history for its versions.",
    });
  }
  const missing = verdict.requirements
    .filter(({ outcome }) => outcome !== "pass")
    .map(({ id, title, outcome, reason }) => ({ id, title, outcome, reason }));
  const proven = verdict.outcome === "pass";
  return refuse(
    403,
    verdict.outcome === "undecided" ? "UNDECIDED" : "POLICY",
    {
      message: proven
        ? `This version of ${name} satisfies the policy, but no alias points to it`
        : `This version of ${name} is not proven and is not served: ${missing.map((one) => `${one.id} (${one.reason})`).join("; ")}`,
      where,
      next: proven
        ? `castellan promote ${name}@${digest} prod`
        : `Supply what is missing, then see \`castellan gate ${name}@${digest}\`.`,
    },
    { version: digest, outcome: verdict.outcome, requirements: missing },
  );
}

function unknownNext(known: boolean, close: string | undefined): string {
  if (known) return `Its aliases are ${close}.`;
  return close === undefined ? "Promote a version first: `castellan promote REF prod`." : `Did you mean "${close}"?`;
}

/** The gateway's own pages have nothing to resolve. */
export function noTarget(): CheckStep {
  return { name: "gateway-itself", run() {} };
}
