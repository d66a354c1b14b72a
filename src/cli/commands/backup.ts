import { resolve } from "node:path";
import { exitCodes } from "../../kit/errors.ts";
import { diskFolder } from "../../registry/folder.ts";
import { command } from "../command.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "backup",
  summary: "write a complete, encrypted copy of store, blobs and log",
  details:
    "Everything is verified first: a backup of damaged bytes would be none. Private keys are not in it: keep a copy of HOME/keys elsewhere.",
  args: ["<dir>"],
  options: [homeOption],
  run: (call) =>
    withHome(call, async (home) => {
      const manifest = await home.registry.backup({
        log: diskFolder(home.layout.log),
        to: diskFolder(resolve(call.cwd, call.args[0]!)),
      });
      call.print(`wrote ${manifest.files.length} files, log size ${manifest.logSize}, made ${manifest.madeAt}`);
      call.print("keep the home's keys folder elsewhere too: without it the backup cannot be read");
      call.emit({ files: manifest.files.length, logSize: manifest.logSize, madeAt: manifest.madeAt });
      return exitCodes.clean;
    }),
});
