import { type Clock, timestamp } from "../../kit/clock.ts";
import type { Exchange } from "../exchange.ts";
import type { RequestRecord } from "../record.ts";
import type { RecordStep } from "../stages.ts";

/** One line per request: who asked which version, by which proof it answered, how it ended. Never bodies, never tokens. */
export function recordRequests(record: RequestRecord, clock: Clock): RecordStep {
  return {
    name: "hash-chained file",
    write: (exchange, ms) => record.append(recordLine(exchange, ms, timestamp(clock))),
  };
}

/** The record line of an exchange as JSON text. `ms` is its duration until the answer was complete. */
export function recordLine(exchange: Exchange, ms: number, at: string): string {
  const { target, version } = exchange;
  return JSON.stringify({
    id: exchange.id,
    at,
    by: exchange.principal?.name,
    route: exchange.route,
    tenant: target?.tenant,
    model: target?.name,
    label: target?.label,
    version: version?.digest,
    proof: version?.proof,
    status: exchange.status,
    ended: exchange.ending,
    code: exchange.code,
    ms: Math.round(ms * 1000) / 1000,
    bytesIn: exchange.bytesIn,
    bytesOut: exchange.bytesOut,
  });
}
