import type { GatewayOptions } from "../../serve/gateway-options.ts";
import type { ModelServerOptions } from "../../serve/model-server-options.ts";
import type { UpstreamEndpoint } from "../../serve/ports.ts";
import type { HomeOptions } from "../home/open.ts";

/** Home options are plain values and cross to another process as they are. */
export type SharedHomeOptions = HomeOptions;

/** What a serving process is started with. It arrives over IPC: a secret on the command line could be read by others. */
export interface GatewayStart {
  readonly type: "start";
  readonly process: "gateway";
  readonly home: string;
  readonly homeOptions: SharedHomeOptions;
  readonly options: Omit<GatewayOptions, "recordDir" | "note">;
}

export interface ModelServerStart {
  readonly type: "start";
  readonly process: "modelserver";
  readonly home: string;
  readonly homeOptions: SharedHomeOptions;
  readonly options: ModelServerOptions;
}

export type StartMessage = GatewayStart | ModelServerStart;

/** From the launcher to a serving process, after its start. */
export type ParentMessage =
  | { readonly type: "upstream"; readonly endpoint: UpstreamEndpoint | null }
  | { readonly type: "stop" };

/** From a serving process to its launcher. */
export type ChildMessage =
  | { readonly type: "ready"; readonly url: string }
  | { readonly type: "note"; readonly line: string }
  | {
      readonly type: "failed";
      readonly code: string;
      readonly message: string;
      readonly where?: string;
      readonly next?: string;
    };
