import { resolve } from "node:path";
import { homeOptionsOf, openHomeParts } from "../../app/home/open.ts";
import { exitCodes } from "../../kit/errors.ts";
import { diskFolder } from "../../registry/folder.ts";
import { restore } from "../../registry/restore.ts";
import { command } from "../command.ts";
import { settingsOf } from "../home-option.ts";
import { homeOption } from "../with-home.ts";

export default command({
  name: "restore",
  summary: "restore a backup into a home that has its keys and nothing else",
  details:
    "Copy the keys folder (and trust, policy.yaml) of the lost home into the new one first.\nEvery file is checked before anything is written, and the result is verified. What was recorded after the backup is not in it.",
  args: ["<dir>"],
  options: [homeOption],
  async run(call) {
    const { settings } = settingsOf(call);
    const { layout, registryOptions } = await openHomeParts(settings.home, homeOptionsOf(settings));
    try {
      const places = { from: diskFolder(resolve(call.cwd, call.args[0]!)), log: diskFolder(layout.log) };
      const manifest = await restore(registryOptions, places);
      call.print(`restored ${manifest.files.length} files as of ${manifest.madeAt}, log size ${manifest.logSize}`);
      call.emit({ files: manifest.files.length, logSize: manifest.logSize, madeAt: manifest.madeAt });
      return exitCodes.clean;
    } finally {
      await registryOptions.repository.close();
    }
  },
});
