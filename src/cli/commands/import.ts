import { resolve } from "node:path";
import { filesOf, resolveInput } from "../../app/flows/register-path.ts";
import { recordModelScan, scanLine } from "../../app/flows/model-scan.ts";
import { readPublishers } from "../../app/flows/publishers.ts";
import { asDigest } from "../../kit/digest.ts";
import { exitCodes } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { readArgument } from "../read-argument.ts";
import { splitName } from "../registration.ts";
import { listOption, textOption } from "../options.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "import",
  summary: "register a pretrained model, if its hash, its signature and its publisher are right",
  details: [
    "  castellan import ./model --name bert --source https://example.org/models/bert --expect sha256:… \\",
    "    --signature model.sig --publishers publishers.yaml",
    "",
    "The publishers file says who is trusted, by which keys or certificates, for which sources. What is refused leaves nothing behind.",
  ].join("\n"),
  args: ["<path>"],
  options: [
    { flags: "--name <name>", help: "name of the model, or tenant/name", required: true },
    { flags: "--source <url>", help: "where it was fetched from", required: true },
    { flags: "--expect <digest>", help: "version digest, or the single file's sha256:…", required: true },
    { flags: "--signature <file>", help: "the publisher's OpenSSF signature bundle", required: true },
    { flags: "--publishers <file>", help: "trusted-publisher policy (YAML)", required: true },
    { flags: "--input <ref...>", help: "registered version it was made from" },
    { flags: "--licence <id>", help: "SPDX id or name of its licence" },
    homeOption,
  ],
  run: (call) =>
    withHome(call, async (home) => {
      const { tenant, name } = splitName(textOption(call, "name")!);
      const { version, publisher, signature } = await home.registry.importPretrained({
        tenant,
        name,
        files: filesOf(resolve(call.cwd, call.args[0]!), call.progress),
        inputs: await Promise.all(listOption(call, "input").map((ref) => resolveInput(home, tenant, ref))),
        terms: { licence: textOption(call, "licence") },
        source: textOption(call, "source")!,
        expected: asDigest(textOption(call, "expect")!, "--expect"),
        bundle: readArgument(resolve(call.cwd, textOption(call, "signature")!), "the signature", 256 * 1024 * 1024),
        policy: readPublishers(resolve(call.cwd, textOption(call, "publishers")!)),
      });
      call.note(scanLine((await recordModelScan(home, version, call.progress)).report));
      call.print(`imported ${version.name}@${version.digest}, published by ${publisher}`);
      call.emit({ tenant, name, version: version.digest, publisher, signature: signature.digest });
      return exitCodes.clean;
    }),
});
