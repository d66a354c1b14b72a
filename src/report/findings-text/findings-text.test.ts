import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { findingOf, reportOf } from "../testing/scan-report.ts";
import { findingsText } from "./findings-text.ts";
import { bytesText } from "./phrases.ts";

const plain = findingsText(reportOf(), { colour: false });

test("says what, where, why and what to do, worst first", () => {
  expect(plain.slice(0, 7)).toEqual([
    "CRITICAL models/a b.pkl at byte 12",
    "         Loading this pickle runs code",
    "         calls os.system",
    "           os.system('x')",
    "         do Use safetensors.",
    "         supply/model/pickle-executes",
    "",
  ]);
});

test("ends with the sums: findings, model files, what is open, accepted, left out, time", () => {
  expect(plain.at(-1)).toBe(
    "4 findings: 1 critical, 1 medium, 1 low, 1 info · 3 model files: 1 unsafe, 1 incomplete, 1 safe · " +
      "1 thing not examined completely · 1 suppressed · 1 known from the baseline · 2 skipped · 9 files, 12.3 kB in 1.50 s",
  );
});

test("lists what could not be examined and every verdict that is not safe first", () => {
  const text = plain.join("\n");
  expect(text).toContain("Not examined completely (1), so not called clean:");
  expect(text.indexOf("incomplete ")).toBeLessThan(text.indexOf("safe        ok.safetensors"));
});

test("lets nothing from outside act on the terminal", () => {
  const coloured = findingsText(reportOf(), { colour: true, verbose: true });
  for (const line of plain) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  for (const line of coloured) expect(stripVTControlCharacters(line)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test("stays short when there is much to say, and says how much there is", () => {
  const findings = Array.from({ length: 500 }, (_, index) => findingOf({ fingerprint: `${index}` }));
  const lines = findingsText(reportOf({ findings }), { colour: false });
  expect(lines.length).toBeLessThan(1500);
  expect(lines.join("\n")).toContain("300 more findings");
});

test("writes bytes for people", () => {
  expect([0, 999, 1000, 1_234_567, 5e12, 1e16].map(bytesText)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "1.2 MB",
    "5.0 TB",
    "10000.0 TB",
  ]);
});
