import { request } from "undici";
import { homeLayout } from "../../app/home/layout.ts";
import { readRunState } from "../../app/processes/run-file.ts";
import { logIndex } from "../../app/admission/log-index.ts";
import { provenKills } from "../../app/admission/kills.ts";
import type { Home } from "../../app/home/open.ts";
import type { GatewayStatus } from "../../gateway/gateway.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { exitCodes, isCastellanError } from "../../kit/errors.ts";
import { isAdmitted } from "../../serve/serving-table.ts";
import { textTable } from "../../report/text/table.ts";
import { command } from "../command.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "status",
  summary: "what runs, what serves, what is stopped",
  details: "Exit code 0: everything promoted may serve; 1: something is stopped or refused.",
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
      const refused = gateway ? refusals(gateway) : [];
      for (const line of refused) call.print(line);
      const doubt = await killDoubt(home);
      if (doubt !== undefined) call.print(`STOPPED  everything, because the kill switch cannot be trusted: ${doubt}`);
      else if (kills.length === 0) call.print("kill switch: off");
      for (const kill of kills)
        call.print(
          `STOPPED  ${kill.scope === "all" ? "everything" : `${kill.scope} ${kill.target}`} (epoch ${kill.epoch}): ${kill.why}`,
        );
      call.emit({
        running: (running ?? null) as Json,
        gateway: (gateway ?? null) as Json,
        aliases: aliases as unknown as Json,
        kills: kills as unknown as Json,
        killDoubt: doubt ?? null,
      });
      return kills.length > 0 || refused.length > 0 || doubt !== undefined ? exitCodes.refused : exitCodes.clean;
    }),
});

/** What the gateway does not serve although an alias names it, and why; and what keeps it from knowing. */
function refusals({ serving, sourceError, kill }: GatewayStatus): string[] {
  const lines: string[] = [];
  for (const { tenant, name, alias, primary, canaryRefused } of serving)
    for (const version of [primary, canaryRefused]) {
      if (!version || isAdmitted(version)) continue;
      const why = version.missing.map(({ id, reason }) => `${id} (${reason})`).join("; ");
      lines.push(`REFUSED  ${tenant === "default" ? "" : `${tenant}/`}${name}:${alias}: ${why}`);
    }
  if (sourceError !== undefined) lines.push(`REFUSED  what is promoted cannot be read: ${sourceError}`);
  if (kill.closed !== undefined) lines.push(`STOPPED  everything at the gateway: ${kill.closed}`);
  return lines;
}

/** Why what the store says of the kill switch cannot be believed; undefined when it can. */
async function killDoubt(home: Home): Promise<string | undefined> {
  try {
    await provenKills(
      home,
      logIndex(() => home.readLog()),
    );
    return undefined;
  } catch (error) {
    if (isCastellanError(error)) return error.message;
    throw error;
  }
}

/** The gateway's own status document, or undefined when it does not answer within two seconds. */
async function askGateway(url: string): Promise<GatewayStatus | undefined> {
  try {
    const { statusCode, body } = await request(`${url}/castellan/status`, { signal: AbortSignal.timeout(2_000) });
    const document = (await body.json()) as GatewayStatus;
    return statusCode === 200 ? document : undefined;
  } catch {
    return undefined;
  }
}
