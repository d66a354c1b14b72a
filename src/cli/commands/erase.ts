import { resolve } from "node:path";
import { writeDurably } from "../../app/home/durable-file.ts";
import { certificatePage } from "../../app/flows/erasure-certificate.ts";
import { resolveVersion } from "../../app/flows/register-path.ts";
import { defaultTenant } from "../../core/asset.ts";
import { exitCodes } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { textOption } from "../options.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "erase",
  summary: "destroy a version's bytes for good, with a certificate",
  details: [
    '  castellan erase applications@sha256:… --why "erasure request 2026-117" --certificate erased.html',
    "",
    "Destroys the keys of its stored files and deletes the ciphertext. Its statements and their proofs stay valid. What was made",
    "from it is listed, flagged, and serves no more. The certificate says what this proves and what it does not.",
  ].join("\n"),
  args: ["<ref>"],
  options: [
    { flags: "--why <text>", help: "the reason, which goes on record", required: true },
    { flags: "--certificate <file>", help: "also write the certificate as a page" },
    homeOption,
  ],
  run: (call) =>
    withHome(call, async (home) => {
      const version = await resolveVersion(home, defaultTenant, call.args[0]!);
      const ended = await home.registry.erase({
        tenant: version.tenant,
        version: version.digest,
        why: textOption(call, "why")!,
      });
      const file = textOption(call, "certificate");
      if (file !== undefined) writeDurably(resolve(call.cwd, file), certificatePage(ended.statement));
      call.print(`erased ${version.name}@${version.digest}`);
      call.print(
        `  ${version.manifest.files.length} files are unrecoverable from this store; certificate: statement ${ended.statement.digest}`,
      );
      call.print(
        ended.affected.length === 0
          ? "  nothing was made from it"
          : `  ${ended.affected.length} versions made from it are flagged and serve no more:`,
      );
      for (const digest of ended.affected) call.print(`    ${digest}`);
      call.emit({
        tenant: version.tenant,
        name: version.name,
        version: version.digest,
        statement: ended.statement.digest,
        logIndex: ended.statement.logIndex,
        affected: ended.affected,
      });
      return exitCodes.clean;
    }),
});
