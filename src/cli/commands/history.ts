import type { Json } from "../../kit/canonical-json.ts";
import { exitCodes } from "../../kit/errors.ts";
import { textTable } from "../../report/text/table.ts";
import { command } from "../command.ts";
import { splitName } from "../registration.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "history",
  summary: "everything on record about an asset, in the order of the log",
  args: ["<name>"],
  options: [homeOption],
  run: (call) =>
    withHome(call, async (home) => {
      const { tenant, name } = splitName(call.args[0]!);
      const history = await home.registry.history(tenant, name);
      const aliases = history.aliases.map((row) => [
        row.alias,
        row.digest,
        row.canary ? `canary ${row.canary} ${row.canaryWeight} %` : "",
      ]);
      for (const line of textTable(aliases, call.colour)) call.print(line);
      if (aliases.length > 0) call.print("");
      const rows = history.events.map((event) => [
        event.logIndex === undefined ? "pending" : `#${event.logIndex}`,
        event.at,
        event.alias ? `${event.what} (${event.alias})` : event.what,
        event.versions.map((digest) => `${digest.slice(0, 19)}…`).join(" "),
      ]);
      for (const line of textTable([["log", "when", "what", "version"], ...rows], call.colour)) call.print(line);
      call.emit(history as unknown as Json);
      return exitCodes.clean;
    }),
});
