import type { InferenceRuntime } from "../core/ports.ts";
import type { VersionBytes } from "./ports.ts";

/** What the model server needs from the rest of the program. */
export interface ModelServerPorts {
  readonly versions: VersionBytes;
  readonly runtime: InferenceRuntime;
}

export interface ModelServerOptions {
  /** The bearer secret every request must carry: only the gateway knows it. At least 32 characters. */
  readonly secret: string;
  /** Port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** Bytes of model files kept in memory; default 1 GiB. */
  readonly maxLoadedBytes?: number;
  /** Largest request body; default 64 MiB (the gateway allows less). */
  readonly maxBodyBytes?: number;
}
