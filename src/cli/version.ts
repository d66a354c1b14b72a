import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../app/package-root.ts";

/** The version of this installation. */
export function castellanVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string }).version;
}
