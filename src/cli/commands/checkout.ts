import { resolve } from "node:path";
import { diskFolder } from "../../registry/folder.ts";
import { resolveVersion } from "../../app/flows/register-path.ts";
import { defaultTenant } from "../../core/asset.ts";
import { hostActor } from "../../identity/actor.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "checkout",
  summary: "write a version's files to a folder, byte for byte, checked on the way",
  details:
    "  castellan checkout applications@sha256:… ./applications\n\nReading a feature table is recorded and takes --as-features-reader. A revoked version takes --even-revoked.",
  args: ["<ref>", "<dir>"],
  options: [
    { flags: "--even-revoked", help: "also write a revoked version, for examination" },
    { flags: "--as-features-reader", help: "read a feature table; goes on record" },
    homeOption,
  ],
  run: (call) =>
    withHome(call, async (home) => {
      const version = await resolveVersion(home, defaultTenant, call.args[0]!);
      const folder = diskFolder(resolve(call.cwd, call.args[1]!));
      for await (const path of folder.list())
        fail("CONFLICT", { message: "The folder is not empty", where: path, next: "Name a new folder." });
      const actor = hostActor(
        call.env["USER"] ?? "operator",
        call.options["asFeaturesReader"] === true ? ["features-reader"] : [],
      );
      let files = 0;
      for await (const file of home.registry.checkout(version.tenant, version.digest, actor, {
        evenRevoked: call.options["evenRevoked"] === true,
      })) {
        await folder.write(file.path, file.bytes());
        call.progress.step("writing", ++files, version.manifest.files.length);
      }
      call.print(`wrote ${files} files of ${version.name}@${version.digest}`);
      call.emit({ name: version.name, version: version.digest, files });
      return exitCodes.clean;
    }),
});
