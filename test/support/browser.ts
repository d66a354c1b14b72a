import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const program = "/usr/bin/chromium";

/**
 * Debian's Chromium, without a display and without background traffic. Undefined, with a line that says so, where it is not
 * installed; in continuous integration that is a failure.
 */
export async function openBrowser(): Promise<Browser | undefined> {
  if (!existsSync(program)) {
    if (process.env["CI"] === "true") throw new Error("chromium is not installed: see tools/ci/apt.txt");
    console.log("not run: chromium absent");
    return undefined;
  }
  return chromium.launch({
    executablePath: program,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
