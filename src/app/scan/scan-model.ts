import { bytesSource } from "../../core/byte-source.ts";
import { checkIndex } from "../checks.gen.ts";
import { readers } from "../../scan/readers.gen.ts";
import { defaultLimits } from "../../scan/budget.ts";
import { checkLibrary } from "../../scan/check-library.ts";
import { Collector } from "../../scan/collector.ts";
import { dayOf } from "../../scan/day.ts";
import { examine } from "../../scan/examine.ts";
import { readerLibrary } from "../../scan/reader-library.ts";
import type { ScanReport } from "../../core/scan.ts";
import { packageVersion } from "../package-root.ts";
import { interruptible } from "./in-process.ts";
import { scanPaths } from "./run-scan.ts";
import type { ScanOptions } from "./run-scan.ts";
import { temporarySpool } from "./temporary-spool.ts";

/**
 * Examines a model without loading it.
 *
 * ```ts
 * const report = await scanModel("model.pt");
 * if (report.files.some((file) => file.verdict !== "safe")) throw new Error("not loading this");
 * ```
 * @param model path of a file or folder, or a file's bytes
 * @param options as for {@link scanPaths}; `name` is what bytes are called in the report (default "model")
 * @throws NOT_FOUND, FORBIDDEN, UNSUPPORTED for a path that cannot be scanned
 */
export async function scanModel(
  model: string | Uint8Array,
  options: ScanOptions & { readonly name?: string } = {},
): Promise<ScanReport> {
  if (typeof model === "string") return scanPaths([model], options);
  const started = performance.now();
  const now = Date.now();
  const limits = { ...defaultLimits, ...options.limits };
  const collector = new Collector();
  const tools = {
    readers: readerLibrary(readers),
    library: checkLibrary(checkIndex, { ...(options.only ? { only: options.only } : {}), offers: ["advisories"] }),
    guard: interruptible(limits.stepSeconds * 1000),
    spool: temporarySpool(),
    limits,
    now: () => performance.now(),
  };
  const file = { path: options.name ?? "model", source: bytesSource(model), named: true };
  await examine(file, tools, (event) => collector.add(event));
  return collector.report({
    version: packageVersion(),
    startedAt: new Date(now).toISOString(),
    seconds: Math.round(performance.now() - started) / 1000,
    files: 1,
    bytes: model.length,
    suppressions: { rules: options.rules ?? [], baseline: options.baseline ?? [], today: dayOf(now) },
  });
}
