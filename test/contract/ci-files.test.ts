import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import scan from "../../src/cli/commands/scan.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../deploy/ci/${path}`, import.meta.url)), "utf8");
const options = new Set(scan.options?.map(({ flags }) => flags.split(" ")[0]));

interface Action {
  readonly inputs: Record<string, object>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly { readonly run: string; readonly env?: Record<string, string>; readonly shell: string }[];
  };
}

test("the GitHub Action is a composite one whose inputs never become part of a script", () => {
  const { inputs, runs } = parse(read("github/action.yml")) as Action;
  expect(runs.using).toBe("composite");
  for (const step of runs.steps) {
    expect(step.shell).toBe("bash");
    expect(step.run).not.toContain("${{");
  }
  const handed = Object.values(runs.steps[1]!.env ?? {}).join(" ");
  for (const name of Object.keys(inputs)) expect(handed).toContain(`inputs.${name} `);
});

test("every option the files use is one of the command", () => {
  const hooks = parse(read("pre-commit/.pre-commit-hooks.yaml")) as readonly { readonly entry: string }[];
  const gitlab = parse(read("gitlab/castellan-scan.yml")) as {
    readonly "castellan-scan": { readonly script: readonly string[] };
  };
  const { runs } = parse(read("github/action.yml")) as Action;
  const lines = [
    ...hooks.map(({ entry }) => entry),
    ...gitlab["castellan-scan"].script,
    runs.steps[1]!.run.split("\n")
      .filter((line) => line.includes("arguments"))
      .join(" "),
  ];
  for (const line of lines) {
    const used = line.match(/--[a-z][a-z-]*/g) ?? [];
    expect(used.length).toBeGreaterThan(0);
    for (const option of used) if (option !== "--quiet") expect(options).toContain(option);
  }
});

test("paths that look like options are paths behind --", () => {
  expect(parseCommandLine(scan, ["--quiet", "--", "--json", "-x.pkl"])).toMatchObject({
    args: ["--json", "-x.pkl"],
    json: false,
  });
});
