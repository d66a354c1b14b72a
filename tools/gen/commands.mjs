// Writes src/cli/commands.gen.ts: the static list of commands, one per file of src/cli/commands.
import { readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

/** The generated module's text for the command files in `folder`. */
export async function commandsModule(folder) {
  const entries = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const { default: command } = await import(pathToFileURL(join(folder, file)).href);
    const id = file.slice(0, -".ts".length);
    if (command?.name?.replaceAll(" ", "-") !== id) {
      throw new Error(`src/cli/commands/${file}: the command's name "${command?.name}" does not equal its file's name`);
    }
    entries.push({ name: command.name, summary: command.summary, file });
  }
  return [
    '// Written by "npm run gen" from the files in src/cli/commands. Do not edit.',
    'import type { CommandEntry } from "./overview.ts";',
    "",
    "export const commandIndex: readonly CommandEntry[] = [",
    ...entries.map(
      ({ name, summary, file }) =>
        `  { name: ${JSON.stringify(name)}, summary: ${JSON.stringify(summary)}, load: () => import("./commands/${file}") },`,
    ),
    "];",
    "",
  ].join("\n");
}
