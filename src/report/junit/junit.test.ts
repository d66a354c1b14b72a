import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { reportOf } from "../testing/scan-report.ts";
import { junitXml } from "./junit.ts";

const xml = junitXml(reportOf(), "medium");

test("is well-formed XML whose counts are those of its cases", () => {
  const script = `
import sys, json, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
out = {"root": dict(root.attrib), "suites": []}
for suite in root:
    kinds = [child.tag for case in suite for child in case]
    out["suites"].append({"name": suite.get("name"), "ok": int(suite.get("tests")) == len(suite) and
        int(suite.get("failures")) == kinds.count("failure") and int(suite.get("errors")) == kinds.count("error") and
        int(suite.get("skipped")) == kinds.count("skipped")})
print(json.dumps(out))`;
  let out: { root: object; suites: { name: string; ok: boolean }[] };
  try {
    out = JSON.parse(
      execFileSync("python3", ["-c", script], { input: xml, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"] }),
    ) as typeof out;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      return console.log("not run: there is no python3 to read the XML");
    throw error;
  }
  expect(out.root).toMatchObject({ tests: "8", failures: "2", errors: "1", skipped: "2" });
  expect(out.suites.every(({ ok }) => ok)).toBe(true);
  expect(out.suites.map(({ name }) => name)).toContain("ok.safetensors");
});

test("findings below the threshold pass, what could not be examined is an error", () => {
  expect(xml.match(/<failure /g)).toHaveLength(2);
  expect(xml.match(/<error /g)).toHaveLength(1);
  expect(junitXml(reportOf(), "critical").match(/<failure /g)).toHaveLength(1);
});

test("nothing from outside becomes markup or an impossible character", () => {
  expect(xml).not.toContain("<script");
  expect(xml).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
});
