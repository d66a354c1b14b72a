import { parseRef } from "../../core/asset.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "rollback",
  summary: "point an alias back to its last known-good version",
  details:
    "  castellan rollback credit        the alias prod\n  castellan rollback credit:canary\n\nA canary under way is ended. A running gateway follows within a moment.",
  args: ["<name>"],
  options: [homeOption],
  run: (call) =>
    withHome(call, async (home) => {
      const { tenant, name, at } = parseRef(call.args[0]!);
      if (!("alias" in at))
        fail("USAGE", {
          message: "A rollback is of an alias, not of a version",
          next: "Write castellan rollback NAME or NAME:ALIAS.",
        });
      const before = await home.repository.alias(tenant, name, at.alias);
      const row = await home.registry.rollback({ tenant, name, alias: at.alias });
      call.print(
        `${name}:${at.alias} points to ${row.digest} again${before ? ` (was ${before.canary ?? before.digest})` : ""}`,
      );
      call.emit({
        tenant,
        name,
        alias: at.alias,
        version: row.digest,
        from: before?.digest ?? null,
        sequence: row.sequence,
      });
      return exitCodes.clean;
    }),
});
