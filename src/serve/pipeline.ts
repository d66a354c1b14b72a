import type { Clock } from "../kit/clock.ts";
import { fail } from "../kit/errors.ts";
import { type Exchange, type Stage, stages } from "./exchange.ts";
import { GuardedReply, type ReplyPort } from "./guarded-reply.ts";
import type { KillSwitch } from "./kill-switch.ts";
import { refuse } from "./refusal.ts";
import type { Route, Steps } from "./stages.ts";

/** The socket side of an exchange: its body comes from here, its answer goes there. */
export interface ExchangeIo extends ReplyPort {
  /** The whole request body. @throws Refusal when it is larger than `maxBytes` or ends early */
  readBody(maxBytes: number): Promise<Uint8Array>;
}

/** Stages that must really do something on every route. */
const indispensable: readonly Stage[] = ["connection", "limits", "route", "forward", "record"];

/** What `/castellan/pipeline` shows of one route. */
export interface RouteDescription {
  readonly route: string;
  readonly stages: readonly { readonly stage: Stage; readonly step: string; readonly none?: string | undefined }[];
}

/**
 * The one path every request takes, whatever its route or protocol. Between the stages a route declares, it asks the kill
 * switch three times: before the body is read, before forwarding, and for every chunk of the answer.
 */
export class Pipeline {
  readonly routes: readonly Route[];
  readonly #kill: KillSwitch;
  readonly #monotonic: Clock;
  readonly #live = new Set<GuardedReply>();

  /** @throws CONFIG when a route lacks a stage: the gateway must not start then */
  constructor(routes: readonly Route[], kill: KillSwitch, monotonic: Clock) {
    for (const route of routes) assertComplete(route);
    this.routes = routes;
    this.#kill = kill;
    this.#monotonic = monotonic;
  }

  /** Requests now on their way. */
  get inFlight(): number {
    return this.#live.size;
  }

  describe(): readonly RouteDescription[] {
    return this.routes.map((route) => ({
      route: route.title,
      stages: stages.map((stage) => {
        const step: { readonly name: string; readonly none?: string } = route.steps[stage];
        return { stage, step: step.name, ...(step.none === undefined ? {} : { none: step.none }) };
      }),
    }));
  }

  /** Takes one exchange from its head to its recorded end. Never throws. */
  async run(route: Route, exchange: Exchange, io: ExchangeIo): Promise<void> {
    const reply = new GuardedReply(route, exchange, io, this.#kill, this.#monotonic);
    this.#live.add(reply);
    try {
      await this.#pass(route, exchange, io, reply);
      await reply.finish();
    } catch (error) {
      await reply.refuse(error);
    } finally {
      this.#live.delete(reply);
    }
  }

  async #pass(route: Route, exchange: Exchange, io: ExchangeIo, reply: GuardedReply): Promise<void> {
    const { steps } = route;
    for (const stage of ["connection", "authenticate", "authorise"] as const) {
      exchange.ending = stage;
      const wait = steps[stage].run(exchange);
      if (wait) await wait;
    }
    this.#assertAlive(route, exchange);
    exchange.ending = "limits";
    const wait = steps.limits.run(exchange);
    if (wait) await wait;
    const { maxBodyBytes } = steps.limits;
    if (maxBodyBytes > 0) {
      exchange.body = await io.readBody(maxBodyBytes);
      exchange.bytesIn = exchange.body.length;
    } else if (
      exchange.head.headers["content-length"] !== undefined ||
      exchange.head.headers["transfer-encoding"] !== undefined
    ) {
      if (exchange.head.headers["content-length"] !== "0")
        refuse(400, "MALFORMED", { message: "This route takes no request body" });
    }
    for (const stage of ["parse", "guards-in", "route"] as const) {
      exchange.ending = stage;
      const wait = steps[stage].run(exchange);
      if (wait) await wait;
    }
    this.#assertAlive(route, exchange);
    exchange.ending = "forward";
    await steps.forward.run(exchange, reply);
  }

  #assertAlive(route: Route, exchange: Exchange): void {
    if (!route.model || !exchange.target) return;
    const killed = this.#kill.check(exchange.target.tenant, exchange.target.name);
    if (!killed) return;
    exchange.ending = "kill-switch";
    throw killed;
  }

  /** Cuts every answer the kill switch forbids by now, also those whose next chunk may never come. */
  cutKilled(): void {
    for (const reply of this.#live) reply.cutIfKilled();
  }

  /** Cuts every answer that began more than `ms` ago. */
  cutOlderThan(ms: number): void {
    const oldest = this.#monotonic.now() - ms;
    for (const reply of this.#live) reply.cutIfOlder(oldest);
  }
}

function assertComplete(route: Route): void {
  // Types promise every stage, but a route built from data or cast may lie; a missing guard must stop the start.
  const steps: Partial<Steps> = route.steps;
  for (const stage of stages) {
    const step: { readonly name?: string; readonly none?: string } | undefined = steps[stage];
    if (!step?.name) {
      fail("CONFIG", {
        message: `Route "${route.title}" has no implementation of the stage "${stage}"`,
        where: route.title,
        next: "Give it one, or declaredNone(reason) where doing nothing is right.",
      });
    }
    if (step.none === undefined) continue;
    if (indispensable.includes(stage))
      fail("CONFIG", `Route "${route.title}" does nothing in "${stage}", which no route may skip`);
    if (!step.none?.trim()) fail("CONFIG", `Route "${route.title}" skips "${stage}" without saying why`);
  }
}
