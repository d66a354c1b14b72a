import { describe, expect, test } from "vitest";
import { bytesSource } from "../core/byte-source.ts";
import { finding } from "../core/check.ts";
import type { AssetKind } from "./asset-kinds.ts";
import { check } from "./check.ts";
import type { AssetCheck } from "./check.ts";
import { reader, refiner } from "./reader.ts";
import type { Reader } from "./reader.ts";

declare module "./asset-kinds.ts" {
  interface AssetStructures {
    "contract-lines": { readonly lines: readonly string[] };
    "contract-words": { readonly words: readonly string[] };
  }
}

const lines = reader({
  kind: "contract-lines",
  title: "Lines",
  family: "model",
  extensions: [".lines"],
  recognise: ({ head }) => (head[0] === 0x23 ? "certain" : "no"),
  load: () => import("../kit/bytes.ts"),
  read: ({ source }, _budget, { textOf }) => ({
    structure: { lines: textOf(source.read(0, source.size)).split("\n") },
    incomplete: [],
  }),
  *members(structure) {
    for (const [index, line] of structure.lines.entries()) {
      yield { name: `${index}`, content: bytesSource(new TextEncoder().encode(line)) };
    }
  },
});

const words = refiner({
  kind: "contract-words",
  refines: "contract-lines",
  title: "Words",
  family: "model",
  extensions: [],
  recognise: ({ base }) => (base.lines.length > 0 ? "certain" : "no"),
  read: ({ base }) => ({ structure: { words: base.lines.flatMap((line) => line.split(" ")) }, incomplete: [] }),
});

const shouting = check({
  id: "scan/contract/shouting",
  asks: "contract-words",
  title: "A word is shouted",
  severity: "low",
  refs: ["cwe:0"],
  fix: "Write it in lower case.",
  *see(asset) {
    for (const word of asset.structure.words) if (word === word.toUpperCase()) yield finding({ why: word, key: word });
  },
});

describe("the contract of readers and checks", () => {
  test("types a check by the kind it asks for, and lets unlike readers and checks stand in one list", () => {
    const readers: readonly Reader[] = [lines, words];
    const checks: readonly AssetCheck[] = [shouting];
    expect(readers.map(({ kind }) => kind)).toEqual(["contract-lines", "contract-words"] satisfies AssetKind[]);
    expect(checks[0]?.asks).toBe("contract-words");
  });
});
