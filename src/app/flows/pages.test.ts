import { expect, test } from "vitest";
import { digestOfHex, type Digest } from "../../kit/digest.ts";
import { canonicalJson } from "../../kit/canonical-json.ts";
import { toBase64, utf8 } from "../../kit/bytes.ts";
import type { Lineage, LineageNode } from "../../registry/lineage.ts";
import type { StatementRow } from "../../store/repository.ts";
import { openBrowser } from "../../../test/support/browser.ts";
import { certificatePage } from "./erasure-certificate.ts";
import { lineageLines, lineagePage } from "./lineage-picture.ts";

const digest = (letter: string): Digest => digestOfHex(letter.repeat(64));
const node = (letter: string, name: string, more: Partial<LineageNode> = {}): LineageNode => ({
  digest: digest(letter),
  tenant: "default",
  name,
  kind: "model",
  state: "live",
  registeredAt: "2026-01-01T00:00:00.000Z",
  relation: "self",
  distance: 0,
  ...more,
});
const lineage: Lineage = {
  root: digest("b"),
  nodes: [
    node("b", "credit", { flaggedBy: digest("a") }),
    node("a", "<img src=x onerror=alert(1)>", {
      kind: "dataset",
      state: "erased",
      relation: "ancestor",
      distance: 1,
      licence: "CC-BY-4.0",
    }),
    node("c", "credit-small", { relation: "descendant", distance: 1 }),
  ],
  edges: [
    { from: digest("a"), to: digest("b"), role: "training-data" },
    { from: digest("b"), to: digest("c"), role: "base-model" },
  ],
  truncated: false,
};

test("a lineage page shows every version, runs no script and asks nobody for anything", async () => {
  const browser = await openBrowser();
  if (!browser) return;
  try {
    const page = await browser.newPage();
    const requests: string[] = [];
    const troubles: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("dialog", (dialog) => troubles.push(dialog.message()));
    page.on("pageerror", (error) => troubles.push(error.message));
    await page.setContent(lineagePage(lineage));
    expect(await page.locator("figure svg rect").count()).toBe(3);
    expect(await page.locator("tbody tr").count()).toBe(3);
    expect(await page.locator("figure svg").textContent()).toContain("<img src=x onerror=alert(1)>");
    expect(await page.locator("td.fail").innerText()).toBe("erased");
    const boxes = await page
      .locator("figure svg rect")
      .evaluateAll((rects) => rects.map((rect) => rect.getBoundingClientRect().x));
    expect(boxes[1]).toBeLessThan(boxes[0]);
    expect(boxes[0]).toBeLessThan(boxes[2]);
    expect(requests.filter((url) => !url.startsWith("about:"))).toEqual([]);
    expect(troubles).toEqual([]);
  } finally {
    await browser.close();
  }
});

test("the same lineage reads as a tree in the terminal", () => {
  expect(lineageLines(lineage)).toEqual([
    expect.stringContaining("credit@sha256:bbbbbbbbbbbb… (model, made from revoked or erased data)"),
    expect.stringMatching(/^ {2}made from <img .*\(dataset, erased\) as training-data$/),
    expect.stringMatching(/^ {2}used by credit-small.* as base-model$/),
  ]);
});

test("a certificate of destruction says what was destroyed, what that proves and what it does not", () => {
  const predicate = {
    tenant: "default",
    name: "applications",
    version: digest("a"),
    why: "request <117>",
    erasedAt: "2026-01-02T00:00:00.000Z",
    objects: [{ path: "train.csv", ciphertextDigest: digest("d") }],
    affected: [digest("b")],
    withdraws: [],
    proves: ["its keys are gone"],
    doesNotProve: ["that no copy exists elsewhere"],
  };
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    predicateType: "urn:castellan:erasure:v1",
    subject: [{ name: "applications", digest: { sha256: "a".repeat(64) } }],
    predicate,
  };
  const envelope = utf8(
    canonicalJson({
      payload: toBase64(utf8(canonicalJson(statement))),
      payloadType: "application/vnd.in-toto+json",
      signatures: [{ sig: "", keyid: digest("e") }],
    }),
  );
  const page = certificatePage({ digest: digest("f"), envelope, logIndex: 7 } as StatementRow);
  for (const text of [
    "train.csv",
    "request &lt;117&gt;",
    "its keys are gone",
    "that no copy exists elsewhere",
    digest("b"),
    digest("f"),
    ">7<",
  ])
    expect(page).toContain(text);
});
