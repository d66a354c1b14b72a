import { exitCodes } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { killTarget } from "../kill-target.ts";
import { textOption } from "../options.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "resume",
  summary: "serve again what was stopped with kill",
  details: "  castellan resume model credit\n  castellan resume tenant acme\n  castellan resume all",
  args: ["<scope>", "[name]"],
  options: [{ flags: "--why <text>", help: "the reason, which goes on record" }, homeOption],
  run: (call) =>
    withHome(call, async (home) => {
      const { scope, target } = killTarget(call.args);
      const why = textOption(call, "why") ?? "no reason given";
      const { row, known } = await home.registry.setKill({ scope, target, killed: false, why });
      call.print(`resumed ${scope === "all" ? "everything" : `${scope} ${target}`} (epoch ${row.epoch})`);
      if (!known) call.note(`note: there is no ${scope} "${target}" yet; the switch is set all the same`);
      call.emit({ scope, target, killed: row.killed, epoch: row.epoch, statement: row.statement, known });
      return exitCodes.clean;
    }),
});
