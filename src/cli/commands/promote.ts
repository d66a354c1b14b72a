import { promoteThroughGate, readPolicy } from "../../app/flows/gate-version.ts";
import { resolveVersion } from "../../app/flows/register-path.ts";
import { asName, defaultTenant } from "../../core/asset.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { textOption } from "../options.ts";
import { homeOption, policyOption, withHome } from "../with-home.ts";

export default command({
  name: "promote",
  summary: "point an alias to a version, if the gate admits it",
  details: [
    "  castellan promote credit@sha256:… prod",
    "  castellan promote credit@sha256:… prod --canary 10",
    "",
    "A running gateway follows within a moment, without dropping a request.",
  ].join("\n"),
  args: ["<ref>", "<alias>"],
  options: [
    {
      flags: "--canary <percent>",
      help: "give it this share of the requests (1 to 99); the present version keeps the rest",
    },
    policyOption,
    homeOption,
  ],
  run: (call) =>
    withHome(call, async (home) => {
      const version = await resolveVersion(home, defaultTenant, call.args[0]!);
      const alias = asName(call.args[1]!, "The alias");
      const share = textOption(call, "canary");
      const canary = share === undefined ? undefined : Number(share);
      if (canary !== undefined && !Number.isInteger(canary))
        fail("USAGE", `--canary takes a whole number, not "${share}"`);
      const policy = readPolicy(home, home.policy);
      const question = { tenant: version.tenant, alias, version: version.digest };
      const { verdict, sequence } = await promoteThroughGate(home, policy, version.name, question, canary);
      call.print(
        `${version.name}:${alias} now points to ${version.digest}${canary === undefined ? "" : ` for ${canary} % of the requests`}`,
      );
      call.print(
        `  admitted by policy ${verdict.policy.name}: ${verdict.requirements.length} requirements hold${verdict.validUntil ? `, until ${verdict.validUntil}` : ""}`,
      );
      call.emit({
        tenant: version.tenant,
        name: version.name,
        alias,
        version: version.digest,
        sequence,
        canary: canary ?? null,
        policy: verdict.policy,
      });
      return exitCodes.clean;
    }),
});
