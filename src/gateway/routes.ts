import type { Clock } from "../kit/clock.ts";
import type { RequestRecord } from "../serve/record.ts";
import type { ServingTable } from "../serve/serving-table.ts";
import {
  type CheckStep,
  declaredNone,
  type ForwardStep,
  type GuardsOutStep,
  type Route,
  type Steps,
} from "../serve/stages.ts";
import { tenantScope, wholeGateway } from "../serve/steps/authorise.ts";
import { connectionStep, limitsStep, type RequestLimits } from "../serve/steps/limits.ts";
import { parseInfer } from "../serve/steps/parse-infer.ts";
import { recordRequests } from "../serve/steps/record.ts";
import { noTarget, routeByTable } from "../serve/steps/route.ts";
import { refuse } from "../serve/refusal.ts";
import type { UnservedVersion } from "../serve/unserved-version.ts";
import type { PathKind } from "./paths.ts";
import type { Upstream } from "./upstream.ts";

export interface RouteParts {
  readonly authenticate: CheckStep;
  readonly limits: RequestLimits;
  readonly inFlight: () => number;
  readonly table: () => ServingTable;
  /** Why a version asked for by digest is not served. */
  readonly unserved: UnservedVersion;
  readonly upstream: Upstream;
  readonly record: RequestRecord;
  readonly clock: Clock;
  /** Whether requests can be answered now. */
  readonly ready: () => boolean;
  readonly status: () => unknown;
  readonly pipeline: () => unknown;
}

/** The gateway's routes, each with a step for every stage. */
export function gatewayRoutes(parts: RouteParts): ReadonlyMap<PathKind, Route> {
  const connection = connectionStep(parts.limits);
  const noBody = limitsStep(parts.limits, parts.inFlight, false);
  const record = recordRequests(parts.record, parts.clock);
  const nothingToParse = declaredNone("the request has no body");
  const noGuardIn: CheckStep = declaredNone(
    "no input guard is installed: this gateway serves numeric models only so far",
  );
  const noGuardOut: GuardsOutStep = declaredNone(
    "no output guard is installed: this gateway serves numeric models only so far",
  );
  const ownWords: GuardsOutStep = declaredNone("the gateway's own words");

  const own = (title: string, forward: ForwardStep, who: Pick<Steps, "authenticate" | "authorise">): Route => ({
    title,
    method: "GET",
    model: false,
    steps: {
      connection,
      ...who,
      limits: noBody,
      parse: nothingToParse,
      "guards-in": nothingToParse,
      route: noTarget(),
      forward,
      "guards-out": ownWords,
      record,
    },
  });
  const anyone = {
    authenticate: declaredNone("health is public: it says up or down, nothing else"),
    authorise: declaredNone("health is public: it says up or down, nothing else"),
  };
  const operator = { authenticate: parts.authenticate, authorise: wholeGateway() };

  const model = (title: string, method: "GET" | "POST", forward: ForwardStep): Route => ({
    title,
    method,
    model: true,
    steps: {
      connection,
      authenticate: parts.authenticate,
      authorise: tenantScope(),
      limits: method === "POST" ? limitsStep(parts.limits, parts.inFlight, true) : noBody,
      parse: method === "POST" ? parseInfer() : nothingToParse,
      "guards-in": method === "POST" ? noGuardIn : nothingToParse,
      route: routeByTable(parts.table, parts.clock, parts.unserved),
      forward,
      "guards-out": noGuardOut,
      record,
    },
  });
  const models = "[/t/{tenant}]/v2/models/{name}[/versions/{version}]";
  return new Map<PathKind, Route>([
    [
      "server",
      own("GET /v2", pageStep(serverMetadata), { authenticate: parts.authenticate, authorise: anyone.authorise }),
    ],
    [
      "live",
      own(
        "GET /v2/health/live",
        pageStep(() => ({ live: true })),
        anyone,
      ),
    ],
    ["ready", own("GET /v2/health/ready", readyStep(parts.ready), anyone)],
    ["status", own("GET /castellan/status", pageStep(parts.status), operator)],
    ["pipeline", own("GET /castellan/pipeline", pageStep(parts.pipeline), operator)],
    ["model", model(`GET ${models}`, "GET", parts.upstream.forward("GET", ""))],
    ["model-ready", model(`GET ${models}/ready`, "GET", parts.upstream.forward("GET", "/ready"))],
    ["model-infer", model(`POST ${models}/infer`, "POST", parts.upstream.forward("POST", "/infer"))],
  ]);
}

function serverMetadata(): unknown {
  return { name: "castellan", version: "2", extensions: ["binary_tensor_data"] };
}

/** Answers with a JSON document of the gateway's own. */
function pageStep(page: () => unknown): ForwardStep {
  return {
    name: "own-page",
    run(_exchange, sink) {
      const body = Buffer.from(JSON.stringify(page()));
      sink.start(200, ["content-type", "application/json", "content-length", String(body.length)]);
      sink.push(body);
      return Promise.resolve();
    },
  };
}

function readyStep(ready: () => boolean): ForwardStep {
  const page = pageStep(() => ({ ready: true }));
  return {
    name: "readiness",
    async run(exchange, sink) {
      if (!ready()) {
        refuse(503, "UNAVAILABLE", {
          message: "The gateway cannot serve now",
          next: "See `castellan status` for what is missing.",
        });
      }
      await page.run(exchange, sink);
    },
  };
}
