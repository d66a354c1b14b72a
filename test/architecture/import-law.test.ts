import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { floors, mayImport } from "../../layers.mjs";
import { forbiddenImports, importCycle, importGraph } from "../../tools/architecture/import-graph.mjs";

const source = fileURLToPath(new URL("../../src", import.meta.url));
const broken = fileURLToPath(new URL("fixtures/broken-house", import.meta.url));

test("every import obeys the law of layers.mjs", () => {
  const graph = importGraph(source);
  expect(graph.size).toBeGreaterThan(40);
  expect(forbiddenImports(graph, mayImport)).toEqual([]);
});

test("no import cycle exists", () => {
  expect(importCycle(importGraph(source))).toBeUndefined();
});

test("every folder of src is a room of layers.mjs", () => {
  const rooms = new Set(floors.flatMap((floor) => floor.rooms));
  for (const entry of readdirSync(source, { withFileTypes: true }))
    if (entry.isDirectory()) expect(rooms).toContain(entry.name);
  expect(existsSync(source)).toBe(true);
});

test("a house that breaks the law turns these checks red", () => {
  const graph = importGraph(broken);
  expect(forbiddenImports(graph, mayImport)).toEqual(
    expect.arrayContaining([
      ["kit/upward.ts", "gate/evaluate.ts"],
      ["registry/a.ts", "gate/evaluate.ts"],
      ["serve/s.ts", "watch/w.ts"],
    ]),
  );
  expect(importCycle(graph)).toEqual(expect.arrayContaining(["gate/evaluate.ts", "registry/a.ts"]));
});
