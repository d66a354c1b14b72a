import { resolve } from "node:path";
import { exportEvidence } from "../../app/evidence/export.ts";
import { resolveVersion } from "../../app/flows/register-path.ts";
import { defaultTenant } from "../../core/asset.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { castellanVersion } from "../version.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "export",
  summary: "write an evidence folder that anyone can verify offline",
  details: [
    "  castellan export credit ./evidence && castellan verify-evidence ./evidence",
    "",
    "Holds the model, its OpenSSF signature, SLSA provenance, CycloneDX bill of materials, every statement with its proof, the log,",
    "the policy and the public keys. The model is in the clear: give it to people who may have it.",
  ].join("\n"),
  args: ["<ref>", "<dir>"],
  options: [homeOption],
  run: (call) =>
    withHome(call, async (home) => {
      const version = await resolveVersion(home, defaultTenant, call.args[0]!);
      const aliases = (await home.repository.aliases(version.tenant)).filter(({ name }) => name === version.name);
      const alias = aliases.find(({ digest, canary }) => digest === version.digest || canary === version.digest);
      if (!alias)
        fail("UNDECIDED", {
          message: `No alias points to ${version.name}@${version.digest}`,
          next: "Promote it first: evidence shows that a version is what an alias points to.",
        });
      const folder = resolve(call.cwd, call.args[1]!);
      const index = await exportEvidence(home, version, alias, folder, castellanVersion());
      call.print(`wrote ${index.files.length + 1} files to ${call.args[1]}`);
      call.print(
        `  ${index.name}:${index.alias} ${index.version} at checkpoint ${index.logSize}, ${index.statements.length} statements`,
      );
      call.print(`next: castellan verify-evidence ${call.args[1]}`);
      call.emit({
        folder,
        tenant: index.tenant,
        name: index.name,
        alias: index.alias,
        version: index.version,
        logSize: index.logSize,
        files: index.files.length + 1,
      });
      return exitCodes.clean;
    }),
});
