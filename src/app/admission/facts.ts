import type { VerifiedStatement } from "../../core/statement.ts";
import { type Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import type { GateInput, ModelSignature } from "../../gate/input.ts";
import { shortNameOf } from "../../core/statement.ts";
import { saltedDigest } from "../../registry/leaf.ts";
import { recordTypes } from "../../registry/predicates.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Repository, StatementRow, VersionRow } from "../../store/repository.ts";
import { ancestryOf } from "./ancestry.ts";
import type { LogIndex } from "./log-index.ts";
import { isModelSignature, modelSignature, type SignatureTrust } from "./signatures.ts";
import { verifiedStatement } from "./verified.ts";

/** What the gate needs to know about a version, gathered from store and log and checked against the log. */
export type VersionFacts = Pick<
  GateInput,
  "version" | "ancestors" | "unresolvedInputs" | "statements" | "modelSignatures"
>;

/** Where the facts are: rows that are believed as far as signed statements bear them out, and the statements. */
export interface FactSources {
  readonly registry: Pick<Registry, "version">;
  readonly repository: Pick<Repository, "statementsAbout">;
}

/**
 * Gathers the facts about a version. Everything the log says about it and about what it was made from must be in the store,
 * unchanged: whoever deletes or edits the row of a revocation, or of an evaluation that failed, cannot delete its leaf.
 * @throws NOT_FOUND · INTEGRITY when the store lacks what the log holds, or differs from what was signed
 */
export async function versionFacts(
  { registry, repository }: FactSources,
  log: LogIndex,
  trust: SignatureTrust,
  tenant: string,
  digest: Digest,
): Promise<VersionFacts> {
  const version = await registry.version(tenant, digest);
  // The log before the statements: a leaf is appended after its statement is stored, so whatever the log shows must be found.
  await log.refresh();
  const { ancestors, unresolved } = await ancestryOf(registry, version);
  const statements: VerifiedStatement[] = [];
  const modelSignatures: ModelSignature[] = [];
  for (const row of [version, ...ancestors]) {
    const stored = await repository.statementsAbout(tenant, row.digest);
    await nothingLost(repository, row, stored, log);
    for (const item of stored) {
      if (isModelSignature(item)) {
        const signature = await modelSignature(item, row, trust, log);
        if (signature) modelSignatures.push(signature);
        continue;
      }
      const statement = verifiedStatement(item, row.topic, trust.keys, log);
      if (statement) statements.push(statement);
    }
  }
  return { version, ancestors, unresolvedInputs: unresolved, statements, modelSignatures };
}

/** Records of who read a feature table stand apart from the statements about it, and decide nothing. */
const readKind = shortNameOf(recordTypes.featureRead);

async function nothingLost(
  repository: FactSources["repository"],
  version: VersionRow,
  stored: readonly StatementRow[],
  log: LogIndex,
): Promise<void> {
  const known = new Set(stored.map(({ salt, envelope }) => saltedDigest(salt, envelope)));
  let lost = log.about(version.topic).filter((leaf) => leaf.kind !== readKind && !known.has(leaf.digest));
  // A statement about some of the files only is found under those.
  for (let at = 0; lost.length > 0 && at < version.manifest.files.length; at++) {
    const rows = await repository.statementsAbout(version.tenant, version.manifest.files[at]!.digest);
    for (const { salt, envelope } of rows) known.add(saltedDigest(salt, envelope));
    lost = lost.filter((leaf) => !known.has(leaf.digest));
  }
  const [leaf] = lost;
  if (!leaf) return;
  fail("INTEGRITY", {
    message: `The log holds a ${leaf.kind} of ${version.name}@${version.digest} at index ${leaf.index}, but the store has lost or altered it`,
    where: version.digest,
    next: "Restore the store from a backup; until then this version does not serve.",
  });
}
