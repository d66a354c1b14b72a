import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeDurably } from "../../app/home/durable-file.ts";
import { homeLayout } from "../../app/home/layout.ts";
import { asName } from "../../core/asset.ts";
import { exitCodes } from "../../kit/errors.ts";
import { keyIdOf, parsePublicKey, writePublicKey } from "../../seal/keys.ts";
import { command } from "../command.ts";
import { readHome } from "../home-option.ts";
import { readArgument } from "../read-argument.ts";
import { homeOption } from "../with-home.ts";

export default command({
  name: "keys trust",
  summary: "trust somebody's public key under a name that policies use",
  details:
    "  castellan keys trust data-team data-team.pub.pem\n\nTo stop trusting a key, delete its file from the home's trust folder: a running gateway notices.",
  args: ["<name>", "<file>"],
  options: [homeOption],
  async run(call) {
    const { trust } = homeLayout(readHome(call));
    const name = asName(call.args[0]!, "The signer's name");
    const path = resolve(call.cwd, call.args[1]!);
    const key = parsePublicKey(readArgument(path, "the public key", 16_384), path);
    mkdirSync(trust, { recursive: true, mode: 0o700 });
    const target = join(trust, `${name}.pem`);
    writeDurably(target, writePublicKey(key), 0o644, true);
    call.print(`trusted ${name}: ${keyIdOf(parsePublicKey(readFileSync(target)))}`);
    call.emit({ name, keyId: keyIdOf(key), file: target });
    return exitCodes.clean;
  },
});
