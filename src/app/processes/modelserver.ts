import { fail } from "../../kit/errors.ts";
import type { ModelServerOptions, ModelServerPorts } from "../../serve/model-server-options.ts";
import type { UpstreamEndpoint } from "../../serve/ports.ts";
import { onnxRuntime } from "../runtime/onnx.ts";
import { runChild } from "./child.ts";
import { openServingPorts } from "./ports.ts";

/** Starts a model server; {@link "../../modelserver/server.ts"} has the one there is. */
export type StartModelServer = (
  ports: ModelServerPorts,
  options: ModelServerOptions,
) => Promise<{ readonly endpoint: UpstreamEndpoint; close(): Promise<void> }>;

/** The model server process: opens the home it is told to, serves until told to stop or its launcher is gone. */
export function runModelServerProcess(startModelServer: StartModelServer): Promise<void> {
  return runChild(async (start) => {
    if (start.process !== "modelserver") return fail("INTERNAL", `The model server was started as ${start.process}`);
    const { home, homeOptions, options } = start;
    const ports = await openServingPorts(home, homeOptions);
    const server = await startModelServer({ versions: ports.versions, runtime: onnxRuntime() }, options);
    return {
      url: server.endpoint.origin,
      async close() {
        await server.close();
        await ports.close();
      },
    };
  });
}
