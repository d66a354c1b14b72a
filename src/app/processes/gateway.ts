import { fail } from "../../kit/errors.ts";
import type { GatewayOptions, GatewayPorts } from "../../serve/gateway-options.ts";
import type { UpstreamEndpoint } from "../../serve/ports.ts";
import { runChild } from "./child.ts";
import { openServingPorts } from "./ports.ts";

/** Starts a gateway; {@link "../../gateway/gateway.ts"} has the one there is. */
export type StartGateway = (
  ports: GatewayPorts,
  options: GatewayOptions,
) => Promise<{ readonly url: string; close(): Promise<void> }>;

/** The gateway process: opens the home it is told to, serves until told to stop or its launcher is gone. */
export function runGatewayProcess(startGateway: StartGateway): Promise<void> {
  return runChild(async (start, tell) => {
    if (start.process !== "gateway") return fail("INTERNAL", `The gateway was started as ${start.process}`);
    const { home, homeOptions, options } = start;
    const ports = await openServingPorts(home, homeOptions);
    let endpoint: UpstreamEndpoint | undefined;
    const gateway = await startGateway(
      {
        source: ports.source,
        gate: ports.gate,
        killSource: ports.killSource,
        killMirror: ports.killMirror,
        killVerifier: ports.killVerifier,
        upstream: () => endpoint,
        clock: ports.clock,
        monotonic: { now: () => performance.now() },
      },
      { ...options, recordDir: ports.recordDir, note: (line) => tell({ type: "note", line }) },
    );
    return {
      url: gateway.url,
      message(message) {
        if (message.type === "upstream") endpoint = message.endpoint ?? undefined;
      },
      async close() {
        await gateway.close();
        await ports.close();
      },
    };
  });
}
