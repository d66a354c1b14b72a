import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { homeLayout } from "../../app/home/layout.ts";
import { folderKeys, keyFileExposure } from "../../app/keys/folder-keys.ts";
import { publicFileOf } from "../../app/keys/key-files.ts";
import { exitCodes } from "../../kit/errors.ts";
import { algorithmOf, keyIdOf, parsePublicKey } from "../../seal/keys.ts";
import { command } from "../command.ts";
import { readHome } from "../home-option.ts";

export default command({
  name: "keys list",
  summary: "list the private keys of a home",
  options: [{ flags: "--home <dir>", help: "home folder (default .castellan)" }],
  async run(call) {
    const folder = homeLayout(readHome(call)).keys;
    const names = await folderKeys({ folder }).list();
    const keys = names.map((name) => {
      const file = join(folder, `${name}.pem`);
      const publicFile = publicFileOf(file);
      // The public half beside it saves asking for pass phrases just to show a key's name.
      const publicKey = existsSync(publicFile) ? parsePublicKey(readFileSync(publicFile), publicFile) : undefined;
      return {
        name,
        file,
        keyId: publicKey && keyIdOf(publicKey),
        algorithm: publicKey && algorithmOf(publicKey),
        warning: keyFileExposure(file),
      };
    });
    if (keys.length === 0) call.print(`no keys in ${folder}`);
    for (const { name, algorithm, keyId, warning } of keys) {
      call.print(
        `${name.padEnd(16)} ${(algorithm ?? "?").padEnd(12)} ${keyId ?? "(its public half is not beside it)"}`,
      );
      if (warning) call.note(`warning: ${name}: ${warning}`);
    }
    call.emit({ folder, keys });
    return exitCodes.clean;
  },
});
