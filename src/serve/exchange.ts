import type { IncomingHttpHeaders } from "node:http";
import type { AdmittedVersion } from "./serving-table.ts";

/** The stages of the request path, in the order every request passes them. */
export const stages = [
  "connection",
  "authenticate",
  "authorise",
  "limits",
  "parse",
  "guards-in",
  "route",
  "forward",
  "guards-out",
  "record",
] as const;
export type Stage = (typeof stages)[number];

/** Who asks. */
export interface Principal {
  readonly name: string;
  /** Tenants it may call; "*" for all. */
  readonly tenants: "*" | readonly string[];
}

/** What the request names in its path. */
export interface Target {
  readonly tenant: string;
  readonly name: string;
  /** Alias or version digest. */
  readonly label: string;
}

/** What a socket tells about a request before its body is read. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Remote address as the socket has it; undefined when it is gone already. */
  readonly peer: string | undefined;
  /** Requests now in flight on this connection, this one included. */
  readonly inFlight: number;
}

/** How an exchange ended: by a complete answer, by the client leaving, or in the stage that refused it. */
export type Ending = Stage | "answered" | "client-left" | "kill-switch" | "upstream-broke";

/** One request on its way through the pipeline. Stages fill it in order; the record is written from it. */
export class Exchange {
  readonly id: string;
  readonly head: RequestHead;
  /** Title of the route it came by. */
  readonly route: string;
  /** The model asked for; undefined on the gateway's own routes. */
  readonly target: Target | undefined;
  /** Milliseconds, monotonic. */
  readonly startedAt: number;
  principal: Principal | undefined = undefined;
  body: Uint8Array = empty;
  /** Bytes of JSON before raw tensor data, when the client says so. */
  headerLength: number | undefined = undefined;
  version: AdmittedVersion | undefined = undefined;
  status = 0;
  bytesIn = 0;
  bytesOut = 0;
  ending: Ending = "connection";
  code: string | undefined = undefined;

  constructor(id: string, head: RequestHead, route: string, target: Target | undefined, startedAt: number) {
    this.id = id;
    this.head = head;
    this.route = route;
    this.target = target;
    this.startedAt = startedAt;
  }
}

const empty = new Uint8Array(0);
