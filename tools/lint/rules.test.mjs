import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Per rule: a file that breaks it and one that does not. */
const cases = {
  docstring: {
    "src/kit/bad.ts": "export function promise(): number { return 1; }\n",
    "src/kit/good.ts": "/** One. */\nexport function promise(): number { return 1; }\n",
  },
  "error-class": {
    "src/kit/bad.ts": "/** Fails. */\nexport function f(): never { throw new Error('x'); }\n",
    "src/kit/good.test.ts": "export function f(): never { throw new Error('x'); }\n",
  },
  "file-length": { "src/kit/bad.ts": "// a\n".repeat(402), "src/kit/good.ts": "// a\n".repeat(400) },
  "file-name": { "src/kit/helpers.ts": "export const a = 1;\n", "src/kit/clock.ts": "export const a = 1;\n" },
  "no-module-state": {
    "src/kit/bad.ts": "const cache = new Map<string, string>();\nexport const size = (): number => cache.size;\n",
    "src/kit/good.ts": "const units = new Map([['s', 1]]);\nexport const size = (): number => units.size;\n",
  },
  "pure-room": {
    "src/kit/bad.ts": "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;\n",
    "src/app/good.ts": "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;\n",
  },
};
let folder;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "house-rules-"))));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(Object.entries(cases))(
  "house/%s reports the file that breaks it and is silent on the other",
  (rule, files) => {
    const where = join(folder, rule);
    const config = join(where, "oxlint.json");
    const plugin = join(root, "tools/lint/house.mjs");
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(where, path)), { recursive: true });
      writeFileSync(join(where, path), text);
    }
    writeFileSync(
      config,
      JSON.stringify({ jsPlugins: [plugin], categories: {}, rules: { [`house/${rule}`]: "error" } }),
    );
    const [bad, good] = Object.keys(files);
    expect(oxlint(config, join(where, bad))).toContain(`house(${rule})`);
    expect(oxlint(config, join(where, good))).not.toContain(`house(${rule})`);
  },
);

function oxlint(config, path) {
  const arguments_ = [join(root, "node_modules/oxlint/bin/oxlint"), "-A", "all", "-c", config, path];
  try {
    return execFileSync(process.execPath, arguments_, { encoding: "utf8" });
  } catch (error) {
    return error.stdout;
  }
}
