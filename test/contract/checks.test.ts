import { existsSync, globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkIndex } from "../../src/app/checks.gen.ts";
import { readers } from "../../src/scan/readers.gen.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = (pattern: string): string[] =>
  globSync(pattern, { cwd: root }).filter((file) => !file.endsWith(".test.ts"));
const fileOf = (id: string): string => `src/${id.replace("/", "/checks/")}.ts`;

describe("the lists of checks and readers", () => {
  test("hold every file on disk, under the id its path has", () => {
    expect(checkIndex.map(({ id }) => fileOf(id)).sort()).toEqual(sources("src/*/checks/**/*.ts").sort());
    expect(readers.map(({ kind }) => `src/scan/readers/${kind}.ts`).sort()).toEqual(
      sources("src/scan/readers/*.ts").sort(),
    );
  });

  test.each(checkIndex.map((entry) => [entry.id, entry] as const))(
    "%s says what it must, and has a test",
    async (id, entry) => {
      const check = await entry.load();
      expect(check).toMatchObject({ id, asks: entry.asks, title: entry.title, severity: entry.severity });
      expect(check.refs.length).toBeGreaterThan(0);
      expect(check.title).toMatch(/^[A-Z].*[^.]$/);
      expect(check.fix).toMatch(/\.$/);
      expect(existsSync(`${root}/${fileOf(id).replace(/\.ts$/, ".test.ts")}`)).toBe(true);
      expect([...readers.map(({ kind }): string => kind), "model-file"]).toContain(check.asks);
    },
  );

  test("every model format is looked at by a check", () => {
    const asked = new Set(checkIndex.map(({ asks }) => asks));
    const judged = readers.filter(
      ({ kind, refines }) => asked.has(kind) || (refines !== undefined && asked.has(refines)),
    );
    const refined = new Set(judged.map(({ refines }) => refines));
    const unjudged = readers.filter(
      (reader) => reader.family === "model" && !judged.includes(reader) && !refined.has(reader.kind),
    );
    // These two are recognised only to be refused: such a file is always incomplete, so there is nothing a check could look at.
    expect(unjudged.map(({ kind }) => kind).sort()).toEqual(["onnx-ort", "tensorflow-text"]);
  });
});
