import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { createHome } from "../../app/home/create.ts";
import { writeDurably } from "../../app/home/durable-file.ts";
import { homeLayout } from "../../app/home/layout.ts";
import { openHome } from "../../app/home/open.ts";
import { packageRoot } from "../../app/package-root.ts";
import { configTemplate } from "../../app/config/template.ts";
import { exitCodes } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { readHome } from "../home-option.ts";
import { textOption } from "../options.ts";
import { homeOption } from "../with-home.ts";

export default command({
  name: "init",
  summary: "make a home folder: keys, log, store, a starter policy and a commented castellan.yaml",
  details:
    "Nothing that exists is overwritten. The home's keys folder holds your private keys: keep it out of version control.",
  options: [
    homeOption,
    { flags: "--origin <name>", help: "name of the log, e.g. your-domain.example/log (default castellan.local/log)" },
    { flags: "--template <name>", help: "policy to begin with (default starter)", choices: ["starter", "strict"] },
  ],
  async run(call) {
    const root = readHome(call);
    const policyName = textOption(call, "template") ?? "starter";
    const policy = readFileSync(join(packageRoot(), "policies", `${policyName}.yaml`), "utf8");
    await createHome(root, { origin: textOption(call, "origin") ?? "castellan.local/log", policy });
    const home = await openHome(root);
    await home.close();
    const config = join(call.cwd, "castellan.yaml");
    const wroteConfig = !existsSync(config);
    if (wroteConfig) writeDurably(config, configTemplate());
    const layout = homeLayout(root);
    const here = (path: string): string => relative(call.cwd, path) || ".";
    call.print(`made a home in ${here(root)}`);
    call.print(`  policy  ${here(layout.policy)}   what a version needs before it may serve: edit it`);
    call.print(`  trust   ${here(layout.trust)}   public keys you trust, by name`);
    call.print(`  keys    ${here(layout.keys)}   private keys (mode 0600): never commit this folder`);
    if (wroteConfig) call.print("  castellan.yaml   settings, all optional");
    call.print("");
    call.print("next: castellan register data PATH --name NAME");
    call.emit({ home: root, policy: layout.policy, config: wroteConfig ? config : null, vkey: home.logVkey });
    return exitCodes.clean;
  },
});
