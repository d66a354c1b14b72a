import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fail } from "../../kit/errors.ts";
import { parseBaseline } from "../../scan/baseline.ts";
import type { BaselineEntry } from "../../scan/baseline.ts";
import type { SuppressionRule } from "../../scan/suppression-file.ts";
import { ioError } from "../home/durable-file.ts";

/** The file with a project's suppressions, in the folder the scan is started in. */
export const suppressionsName = "castellan.suppressions.yaml";
const baselineLimit = 256 * 1024 * 1024;

/**
 * The suppressions of the folder `cwd`, or of the file named. Never read from what is scanned: a downloaded model does not get to
 * say what is wrong with it.
 * @throws CONFIG, LIMIT; NOT_FOUND when a file was named that does not exist
 */
export async function readSuppressions(cwd: string, named: string | undefined): Promise<readonly SuppressionRule[]> {
  const location = resolve(cwd, named ?? suppressionsName);
  if (named === undefined && !existsSync(location)) return [];
  // The YAML reader is a fifth of the program's start: it is loaded only for those who need it.
  const { parseSuppressions } = await import("../../scan/suppression-file.ts");
  return parseSuppressions(readText(location), named ?? suppressionsName);
}

/** The baseline in `location`; undefined when there is no such file yet. @throws CONFIG, IO */
export function readBaseline(cwd: string, location: string): readonly BaselineEntry[] | undefined {
  const file = resolve(cwd, location);
  return existsSync(file) ? parseBaseline(readText(file), basename(location)) : undefined;
}

/** Writes a report. @throws IO, FORBIDDEN, NOT_FOUND (no such folder), STORAGE_FULL */
export function writeReport(cwd: string, location: string, text: string): void {
  try {
    writeFileSync(join(resolve(cwd, location)), text);
  } catch (error) {
    throw ioError(error, location);
  }
}

function readText(location: string): string {
  try {
    const bytes = readFileSync(location);
    if (bytes.length > baselineLimit) fail("LIMIT", { message: "the file is too large", where: location });
    return bytes.toString("utf8");
  } catch (error) {
    throw error instanceof Error && "code" in error && "errno" in error ? ioError(error, location) : error;
  }
}
