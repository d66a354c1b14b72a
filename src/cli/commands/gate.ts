import { askGate, readPolicy, recordVerdict } from "../../app/flows/gate-version.ts";
import { resolveVersion } from "../../app/flows/register-path.ts";
import { defaultTenant } from "../../core/asset.ts";
import { explainVerdict } from "../../gate/explain.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { exitCodes } from "../../kit/errors.ts";
import { tint } from "../../report/text/table.ts";
import { command } from "../command.ts";
import { textOption } from "../options.ts";
import { homeOption, policyOption, withHome } from "../with-home.ts";

export default command({
  name: "gate",
  summary: "may this version serve, now? with a reason per requirement",
  details: [
    "Exit code 0: pass, 1: fail, 3: undecided (something is missing; never admitted).",
    "",
    "  castellan gate credit",
    "  castellan gate credit@sha256:… --alias prod --policy strict.yaml",
    "",
    "The verdict is put on record unless --dry-run is given.",
  ].join("\n"),
  args: ["<ref>"],
  options: [
    policyOption,
    { flags: "--alias <name>", help: "alias it shall serve under (default: the reference's, else prod)" },
    { flags: "--dry-run", help: "record nothing" },
    homeOption,
  ],
  run: (call) =>
    withHome(call, async (home) => {
      const ref = call.args[0]!;
      const version = await resolveVersion(home, defaultTenant, ref);
      const aliasInRef = /:([^@/]+)$/.exec(ref.includes("@") ? "" : ref)?.[1];
      const alias = textOption(call, "alias") ?? aliasInRef ?? "prod";
      const policy = readPolicy(home, home.policy);
      const question = { tenant: version.tenant, alias, version: version.digest };
      const verdict =
        call.options["dryRun"] === true
          ? await askGate(home, policy, question)
          : (await recordVerdict(home, policy, question)).verdict;
      const tones = { pass: "good", fail: "bad", undecided: "open" } as const;
      for (const line of explainVerdict(verdict)) call.print(tint(line.text, tones[line.outcome], call.colour));
      call.emit(verdict as unknown as Json);
      return { pass: exitCodes.clean, fail: exitCodes.refused, undecided: exitCodes.undecided }[verdict.outcome];
    }),
});
