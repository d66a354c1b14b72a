import { resolve } from "node:path";
import { writeDurably } from "../../app/home/durable-file.ts";
import { lineageLines, lineagePage, lineageSvg } from "../../app/flows/lineage-picture.ts";
import { resolveVersion } from "../../app/flows/register-path.ts";
import { defaultTenant } from "../../core/asset.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { exitCodes } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { textOption } from "../options.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "lineage",
  summary: "what a version was made from, and what was made from it",
  details: "  castellan lineage credit\n  castellan lineage applications@sha256:… --html lineage.html",
  args: ["<ref>"],
  options: [
    { flags: "--html <file>", help: "write a self-contained page with the graph" },
    { flags: "--svg <file>", help: "write the graph alone" },
    homeOption,
  ],
  run: (call) =>
    withHome(call, async (home) => {
      const version = await resolveVersion(home, defaultTenant, call.args[0]!);
      const lineage = await home.registry.lineage(version.tenant, version.digest);
      const html = textOption(call, "html");
      const svg = textOption(call, "svg");
      if (html !== undefined) writeDurably(resolve(call.cwd, html), lineagePage(lineage));
      if (svg !== undefined) writeDurably(resolve(call.cwd, svg), lineageSvg(lineage));
      for (const line of lineageLines(lineage)) call.print(line);
      call.emit(lineage as unknown as Json);
      return exitCodes.clean;
    }),
});
