import { equalBytes, sha256Hex } from "../kit/bytes.ts";
import { type Digest, digestOfHex } from "../kit/digest.ts";
import { isJsonObject, parseJson } from "../kit/json.ts";
import type { StatementRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { type Leaf, parseLeaf, saltedDigest } from "./leaf.ts";
import { ownStatement } from "./own-statement.ts";
import { isReserved } from "./predicates.ts";
import type { Findings } from "./findings.ts";

/**
 * Checks statements against the log in both directions. @returns how many statements there are
 *
 * A leaf holds the salted digest of its envelope, so what is compared here covers every byte of every envelope, and of the bundles,
 * whose digest the envelope carries.
 */
export async function checkLog(context: Context, findings: Findings): Promise<number> {
  const leaves = new Map<number, { readonly statement: Digest; readonly leaf: Uint8Array }>();
  let count = 0;
  const topics = new Map(
    (await context.repository.versions()).map((row) => [`${row.tenant} ${row.digest}`, row.topic]),
  );
  await findings.during("statements", async () => {
    for await (const row of context.repository.statements()) {
      count += 1;
      checkStatement(context, row, findings);
      checkAbout(row, topics, findings);
      if (row.logIndex !== undefined) leaves.set(row.logIndex, { statement: row.digest, leaf: row.leaf });
    }
  });
  await findings.during("log", async () => {
    let index = 0;
    const reader = await context.readLog();
    for await (const entry of reader.entries()) {
      const known = leaves.get(index);
      leaves.delete(index);
      if (known ? !equalBytes(known.leaf, entry) : isOurs(entry))
        findings.add(
          known ? `statement ${known.statement}` : `log entry ${index}`,
          known
            ? "The leaf on the log is not that of the statement"
            : "The log has a leaf whose statement the store has lost",
        );
      index += 1;
    }
    for (const [index, { statement }] of leaves)
      findings.add(`statement ${statement}`, `The store says it is on the log at ${index}, where the log has nothing`);
  });
  return count;
}

function checkStatement(context: Context, row: StatementRow, findings: Findings): void {
  const where = `statement ${row.digest}`;
  const leaf = leafOf(row);
  if (digestOfHex(sha256Hex(row.envelope)) !== row.digest) findings.add(where, "The stored envelope was changed");
  else if (leaf?.digest !== saltedDigest(row.salt, row.envelope))
    findings.add(where, "The stored salt or leaf was changed");
  else if (isReserved(row.predicateType))
    try {
      ownStatement(context, row);
    } catch (error) {
      findings.add(where, (error as Error).message);
    }
  if (row.bundle && bundleDigest(row) !== digestOfHex(sha256Hex(row.bundle)))
    findings.add(where, "The stored signature bundle was changed");
}

/**
 * Checks that the store says of a statement what its leaf says: since when it is on record, and that it is about the version under
 * whose topic it stands. Whoever can write the store could else make it younger, or lend it to another version.
 */
function checkAbout(row: StatementRow, topics: ReadonlyMap<string, string>, findings: Findings): void {
  const leaf = leafOf(row);
  if (!leaf) return;
  if (leaf.at !== row.recordedAt) findings.add(`statement ${row.digest}`, "The stored time is not the one on the log");
  if (isReserved(row.predicateType)) return;
  const about = row.subjects
    .map((subject) => topics.get(`${row.tenant} ${subject}`))
    .filter((topic) => topic !== undefined);
  if (about.some((topic) => topic !== leaf.topic))
    findings.add(`statement ${row.digest}`, "The store has it about a version whose topic it does not stand under");
}

function leafOf(row: StatementRow): Leaf | undefined {
  try {
    return parseLeaf(row.leaf);
  } catch {
    return undefined;
  }
}

function isOurs(entry: Uint8Array): boolean {
  try {
    parseLeaf(entry);
    return true;
  } catch {
    return false;
  }
}

/** The digest of the bundle that the stored envelope states. */
function bundleDigest(row: StatementRow): unknown {
  try {
    const envelope = parseJson(row.envelope, "The envelope");
    return isJsonObject(envelope) ? envelope["bundle"] : undefined;
  } catch {
    return undefined;
  }
}
