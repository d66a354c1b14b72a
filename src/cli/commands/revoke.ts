import { resolveVersion } from "../../app/flows/register-path.ts";
import { defaultTenant } from "../../core/asset.ts";
import { exitCodes } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { textOption } from "../options.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "revoke",
  summary: "withdraw trust from a version and from everything made from it",
  details:
    '  castellan revoke applications@sha256:… --why "labels were tampered with"\n\nIt serves no more, nor does what was made from it. Bytes and statements stay for examination.',
  args: ["<ref>"],
  options: [{ flags: "--why <text>", help: "the reason, which goes on record", required: true }, homeOption],
  run: (call) =>
    withHome(call, async (home) => {
      const version = await resolveVersion(home, defaultTenant, call.args[0]!);
      const ended = await home.registry.revoke({
        tenant: version.tenant,
        version: version.digest,
        why: textOption(call, "why")!,
      });
      call.print(`revoked ${version.name}@${version.digest}`);
      call.print(
        ended.affected.length === 0
          ? "  nothing was made from it"
          : `  ${ended.affected.length} versions made from it serve no more:`,
      );
      for (const digest of ended.affected) call.print(`    ${digest}`);
      call.emit({
        tenant: version.tenant,
        name: version.name,
        version: version.digest,
        statement: ended.statement.digest,
        affected: ended.affected,
      });
      return exitCodes.clean;
    }),
});
