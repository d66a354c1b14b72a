import { expect, test } from "vitest";
import { reportOf } from "../testing/scan-report.ts";
import { findingsPage } from "./findings-page.ts";

const page = findingsPage(reportOf());

test("is one page that asks nobody for anything", () => {
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|base|form)\b/i);
  expect(page).not.toMatch(/\bsrc=|@import|url\(/i);
  expect(
    [...page.matchAll(/href="([^"]*)"/g)]
      .map(([, address]) => address)
      .every((address) => address!.startsWith("https://")),
  ).toBe(true);
});

test("shows findings, verdicts, what is open, accepted and left out", () => {
  for (const text of [
    "Loading this pickle runs code",
    "models/a b.pkl at byte 12",
    "src/é.py:3:5",
    "a.zip!x/y.pkl",
    "ok.safetensors",
    "safe",
    "until",
    "castellan.suppressions.yaml:4",
    "notes.md",
  ]) {
    expect(page.toLowerCase()).toContain(text.toLowerCase());
  }
});

test("can be filtered by severity and area without a script", () => {
  for (const id of ["show-critical", "show-medium", "area-0", "area-1"]) {
    expect(page).toContain(`id="${id}"`);
    expect(page).toContain(`#${id}:not(:checked)`);
  }
  expect(page).not.toContain('id="show-high"');
});

test("nothing from outside becomes markup", () => {
  expect(page).not.toContain("<script>alert");
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page).not.toMatch(/[\p{Cf}]|(?![\n\t])\p{Cc}/u);
});
