import type { Clock } from "../kit/clock.ts";
import type { AdmissionGate, KillMirror, KillSource, KillVerifier, ServingSource, UpstreamEndpoint } from "./ports.ts";
import type { RequestLimits } from "./steps/limits.ts";
import type { StaticToken } from "./steps/authenticate.ts";

/** What the gateway needs from the rest of the program. */
export interface GatewayPorts {
  readonly source: ServingSource;
  readonly gate: AdmissionGate;
  readonly killSource: KillSource;
  readonly killMirror: KillMirror;
  readonly killVerifier: KillVerifier;
  /** Where the model server listens now; undefined while it is down. Asked for every request, so that it may change. */
  readonly upstream: () => UpstreamEndpoint | undefined;
  /** Wall clock. */
  readonly clock: Clock;
  /** Time that only goes forward, in milliseconds. */
  readonly monotonic: Clock;
}

export interface GatewayOptions {
  /** Folder of the request record. */
  readonly recordDir: string;
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Port to listen on; 0 takes a free one. */
  readonly port?: number;
  /** Who may call. Without tokens, only the operator on this machine. */
  readonly tokens?: readonly StaticToken[];
  readonly limits?: Partial<RequestLimits>;
  /** How often promoted versions and the kill switch are looked at; default 50 ms. */
  readonly pollMs?: number;
  /** Milliseconds without a look at the kill switch after which nothing is served; default 3000. */
  readonly killStaleMs?: number;
  /** How long a new version may take to load before it takes over anyway; default 10 s. */
  readonly warmTimeoutMs?: number;
  /** Where to write a line about something the operator should know. */
  note?(line: string): void;
}
