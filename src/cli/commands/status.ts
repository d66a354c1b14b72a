import { request } from "undici";
import { homeLayout } from "../../app/home/layout.ts";
import { readRunState } from "../../app/processes/run-file.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { exitCodes } from "../../kit/errors.ts";
import { textTable } from "../../report/text/table.ts";
import { command } from "../command.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "status",
  summary: "what runs, what serves, what is stopped",
  details: "Exit code 0: the kill switch is off everywhere; 1: something is stopped.",
  options: [homeOption],
  run: (call) =>
    withHome(call, async (home) => {
      const running = readRunState(homeLayout(home.layout.root));
      const gateway = running && (await askGateway(running.gateway));
      const kills = (await home.repository.kills()).filter(({ killed }) => killed);
      const aliases = await home.repository.aliases();
      call.print(
        running
          ? `serving  ${running.gateway} (process ${running.pid} since ${running.startedAt})${gateway ? "" : ", does not answer"}`
          : "serving  nothing runs here: castellan up",
      );
      const rows = aliases.map((row) => [
        `${row.tenant === "default" ? "" : `${row.tenant}/`}${row.name}:${row.alias}`,
        row.digest,
        row.canary ? `canary ${row.canary} gets ${row.canaryWeight} %` : "",
      ]);
      for (const line of textTable(rows, call.colour)) call.print(line);
      if (kills.length === 0) call.print("kill switch: off");
      for (const kill of kills)
        call.print(
          `STOPPED  ${kill.scope === "all" ? "everything" : `${kill.scope} ${kill.target}`} (epoch ${kill.epoch}): ${kill.why}`,
        );
      call.emit({
        running: (running ?? null) as Json,
        gateway: gateway ?? null,
        aliases: aliases as unknown as Json,
        kills: kills as unknown as Json,
      });
      return kills.length > 0 ? exitCodes.refused : exitCodes.clean;
    }),
});

/** The gateway's own status document, or undefined when it does not answer within two seconds. */
async function askGateway(url: string): Promise<Json | undefined> {
  try {
    const { statusCode, body } = await request(`${url}/castellan/status`, { signal: AbortSignal.timeout(2_000) });
    const document = (await body.json()) as Json;
    return statusCode === 200 ? document : undefined;
  } catch {
    return undefined;
  }
}
