import type { Digest } from "../kit/digest.ts";
import type { VersionRow } from "../store/repository.ts";
import { checkLog } from "./check-log.ts";
import { checkTables } from "./check-tables.ts";
import type { Context } from "./context.ts";
import { Findings, type Problem } from "./findings.ts";
import { openSealed } from "./sealed-file.ts";
import { nameOf } from "./trusted-version.ts";

/** What a complete check of everything stored found. */
export interface StoredReport {
  readonly versions: number;
  readonly files: number;
  readonly bytes: number;
  readonly statements: number;
  /** Empty when everything is as it was recorded. */
  readonly problems: readonly Problem[];
  /** Blobs nothing refers to: left by a process that died; a sweep removes them in time. */
  readonly orphans: readonly string[];
}

/**
 * Checks everything stored: each file decrypts to the registered bytes; each statement is the one on the log, and the log has none
 * the store lost; versions, aliases, kill switches and tenants are exactly what the signed statements in the log's order lead to;
 * what is erased is gone. Changes nothing and needs no lock; run while others write it may report what is just under way.
 */
export async function verifyStored(context: Context): Promise<StoredReport> {
  const findings = new Findings();
  const statements = await checkLog(context, findings);
  await checkTables(context, findings);
  const found = { versions: 0, files: 0, bytes: 0 };
  const versions = (await findings.during("versions", () => context.repository.versions())) ?? [];
  for (const row of versions) {
    found.versions += 1;
    await checkFiles(context, row, findings, found);
  }
  const orphans = await findings.during("blobs", () => checkBlobs(context, versions, findings));
  return { ...found, statements, problems: findings.problems, orphans: orphans ?? [] };
}

async function checkFiles(
  context: Context,
  row: VersionRow,
  findings: Findings,
  found: { files: number; bytes: number },
): Promise<void> {
  const objects = await findings.during(nameOf(row), () => context.repository.objects(row.tenant, row.digest));
  const byPath = new Map((objects ?? []).map((object) => [object.path, object]));
  for (const file of row.manifest.files) {
    const where = `${nameOf(row)}: ${file.path}`;
    const object = byPath.get(file.path);
    byPath.delete(file.path);
    if (row.state === "erased") {
      if (object?.header) findings.add(where, `The version is erased, but the key of ${file.path} is still there`);
      if (object && (await context.blobs.has(object.blobKey)))
        findings.add(where, `The version is erased, but the ciphertext of ${file.path} is still there`);
      continue;
    }
    found.files += 1;
    if (!object) {
      findings.add(where, `The store has lost where ${file.path} is kept`);
      continue;
    }
    await findings.during(where, async () => {
      for await (const chunk of openSealed(context, file, object, where)) found.bytes += chunk.length;
    });
  }
  for (const path of byPath.keys())
    findings.add(`${nameOf(row)}: ${path}`, "The store keeps a file the version does not have");
}

/** Blobs nothing refers to; keys of versions that do not exist are problems. */
async function checkBlobs(
  context: Context,
  versions: readonly VersionRow[],
  findings: Findings,
): Promise<readonly string[]> {
  const known = new Set(versions.map(({ tenant, digest }) => `${tenant} ${digest}`));
  const pending = new Set<Digest>();
  for (const { subjects } of await context.repository.pendingStatements())
    for (const digest of subjects) pending.add(digest);
  const referenced = new Set<string>();
  for await (const { tenant, version, path, blobKey } of context.repository.allObjects()) {
    referenced.add(blobKey);
    if (!known.has(`${tenant} ${version}`) && !pending.has(version))
      findings.add(`${tenant}@${version}: ${path}`, "The store keeps a file of a version that is not registered");
  }
  const orphans: string[] = [];
  for await (const key of context.blobs.list()) if (!referenced.has(key)) orphans.push(key);
  return orphans;
}
