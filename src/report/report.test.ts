import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHtml } from "./html/escape.ts";
import { htmlPage } from "./html/page.ts";
import { htmlTable } from "./html/table.ts";
import { graphSvg } from "./svg/graph.ts";
import { printable, textTable } from "./text/table.ts";

test("no text from outside can open a tag, end an attribute or hide itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
  );
  expect(htmlTable(["<h>"], [[{ text: "<b>", class: 'x"y' }]])).toBe(
    '<table><thead><tr><th>&lt;h&gt;</th></tr></thead>\n<tbody><tr><td class="x&quot;y">&lt;b&gt;</td></tr></tbody></table>',
  );
});

test("a page forbids the browser every request", () => {
  const page = htmlPage({ title: "T & U", lead: "l", body: "<p>b</p>", footer: "f" });
  expect(page).toContain("default-src 'none'");
  expect(page).toContain("<title>T &amp; U</title>");
  expect(page).not.toMatch(/<script|https?:\/\//);
});

test("columns line up whatever their content", () => {
  expect(
    textTable(
      [
        ["a", "long"],
        ["bbb", "x"],
      ],
      false,
      "  ",
    ),
  ).toEqual(["  a    long", "  bbb  x"]);
  expect(textTable([[{ text: "ok", tone: "good" }, "x"]], true)[0]).toContain("\u001b[32mok");
});

test("a graph draws every node and every edge between known nodes, left to right", () => {
  const nodes = ["data", "model"].map((id) => ({ id, title: `<${id}>`, lines: ["sha256:12"], tone: "good" as const }));
  const svg = graphSvg("lineage", nodes, [
    { from: "data", to: "model", label: "training-data" },
    { from: "gone", to: "model", label: "x" },
  ]);
  expect(svg.match(/<rect /g)).toHaveLength(2);
  expect(svg.match(/marker-end/g)).toHaveLength(1);
  const left = [...svg.matchAll(/<rect x="([\d.]+)"/g)].map((match) => Number(match[1]));
  expect(left[0]).toBeLessThan(left[1]!);
  expect(svg).toContain("&lt;data&gt;");
});

test("an empty graph is still a picture", () => {
  expect(graphSvg("nothing", [], [])).toContain("<svg");
});
