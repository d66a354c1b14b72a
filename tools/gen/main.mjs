// npm run gen: writes every generated module. With --check, writes nothing and fails when one is out of date.
// With --only PREFIX, only the files whose path starts so (`npm run gen -- --only src/scan`).
import { readFileSync, writeFileSync, existsSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { checksModule, readersModule } from "./checks.mjs";
import { commandsModule } from "./commands.mjs";
import { operatorModules } from "./operator-catalogs.mjs";
import { pickleCatalogModules } from "./pickle-catalog.mjs";
import { publishedSchemas } from "./policy-schema.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const check = process.argv.includes("--check");
const only = process.argv.includes("--only") ? (process.argv[process.argv.indexOf("--only") + 1] ?? "") : "";
/** @type {Record<string, () => string | Promise<string>>} what each generated file is made by */
const outputs = {
  "src/scan/readers.gen.ts": () => readersModule(root, check),
  "src/app/checks.gen.ts": () => checksModule(root, check),
  "src/cli/commands.gen.ts": () => commandsModule(join(root, "src/cli/commands")),
  ...texts(operatorModules(root)),
  ...texts(publishedSchemas()),
  ...texts(pickleCatalogModules(root)),
};

let failed = 0;
for (const [path, make] of Object.entries(outputs)) {
  if (!path.startsWith(only)) continue;
  const file = join(root, path);
  let text;
  try {
    text = format(path, await make());
  } catch (error) {
    // One list that cannot be made is no reason to leave the others out of date.
    console.error(`${path}: ${error.message}`);
    failed++;
    continue;
  }
  const old = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  if (old === text) continue;
  if (check) {
    console.error(`${path} is out of date: run "npm run gen"`);
    failed++;
  } else {
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}
process.exit(failed ? 1 : 0);

/** The text as the formatter would leave it, so that a generated file never differs after formatting. */
function format(path, text) {
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  return execFileSync(process.execPath, [biome, "format", `--stdin-file-path=${path}`], {
    input: text,
    cwd: root,
    encoding: "utf8",
  });
}

/** Texts that are at hand, as makers. */
function texts(byPath) {
  return Object.fromEntries(Object.entries(byPath).map(([path, text]) => [path, () => text]));
}
