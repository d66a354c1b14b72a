import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostActor } from "../../identity/actor.ts";
import { predicateTypeOf } from "../../core/statement.ts";
import type { ScanReport } from "../../core/scan.ts";
import type { Progress } from "../../kit/progress.ts";
import { diskFolder } from "../../registry/folder.ts";
import type { StatementRow, VersionRow } from "../../store/repository.ts";
import type { Home } from "../home/open.ts";
import { modelScanPredicate, scanVersionFiles } from "../scan/scan-version.ts";

/** What a scan of a version found, and the statement that says so. */
export interface RecordedScan {
  readonly report: ScanReport;
  readonly statement: StatementRow;
}

/**
 * Scans the stored bytes of a version, none of which is loaded, and puts the result on record, whatever it is. What is scanned is
 * read back from the registry and checked on the way: it cannot be anything but what was registered.
 */
export async function recordModelScan(home: Home, version: VersionRow, progress: Progress): Promise<RecordedScan> {
  const folder = mkdtempSync(join(tmpdir(), "castellan-scan-"));
  try {
    const target = diskFolder(folder);
    const files: { path: string; location: string }[] = [];
    for await (const file of home.registry.checkout(version.tenant, version.digest, hostActor("scanner"))) {
      await target.write(file.path, file.bytes());
      files.push({ path: file.path, location: join(folder, ...file.path.split("/")) });
    }
    const report = await scanVersionFiles(files, { progress });
    const statement = await home.registry.declare({
      tenant: version.tenant,
      version: version.digest,
      predicateType: predicateTypeOf("model-scan"),
      predicate: modelScanPredicate(report),
    });
    return { report, statement };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A scan in a line: the verdict and the worst of what was found. */
export function scanLine({ summary, findings }: ScanReport): string {
  const found = summary.critical + summary.high + summary.medium + summary.low + summary.info;
  if (found === 0)
    return summary.incomplete > 0
      ? "scan  incomplete: not everything could be examined"
      : "scan  safe: nothing in it runs when it is loaded";
  const [worst] = findings;
  return `scan  ${found} ${found === 1 ? "finding" : "findings"}; the worst (${worst?.severity}): ${worst?.title} in ${worst?.path}`;
}
