import { bytesSource } from "../../core/byte-source.ts";
import type { ScanReport } from "../../core/scan.ts";
import { scanPaths } from "./run-scan.ts";
import type { ScanOptions } from "./run-scan.ts";
import { scanSources } from "./scan-sources.ts";

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
 * @public
 */
export async function scanModel(
  model: string | Uint8Array,
  options: ScanOptions & { readonly name?: string } = {},
): Promise<ScanReport> {
  if (typeof model === "string") return scanPaths([model], options);
  return scanSources([{ path: options.name ?? "model", source: bytesSource(model) }], options);
}
