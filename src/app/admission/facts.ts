import type { VerifiedStatement } from "../../core/statement.ts";
import { type Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import type { GateInput, ModelSignature } from "../../gate/input.ts";
import { shortNameOf } from "../../core/statement.ts";
import { stateTypes } from "../../registry/predicates.ts";
import type { Repository, VersionRow } from "../../store/repository.ts";
import { ancestryOf } from "./ancestry.ts";
import type { LogIndex } from "./log-index.ts";
import { isModelSignature, modelSignature, type SignatureTrust } from "./signatures.ts";
import { verifiedStatement } from "./verified.ts";

/** What the gate needs to know about a version, gathered from store and log and checked against the log. */
export type VersionFacts = Pick<
  GateInput,
  "version" | "ancestors" | "unresolvedInputs" | "statements" | "modelSignatures"
>;

/**
 * Gathers the facts about a version. What the log says about it and about everything it was made from must be in the store:
 * whoever deletes the row of a revocation cannot delete its leaf.
 * @throws NOT_FOUND · INTEGRITY when the store lacks what the log holds
 */
export async function versionFacts(
  repository: Repository,
  log: LogIndex,
  trust: SignatureTrust,
  tenant: string,
  digest: Digest,
): Promise<VersionFacts> {
  const version = await repository.version(tenant, digest);
  if (!version)
    return fail("NOT_FOUND", { message: `There is no version ${digest} in tenant "${tenant}"`, where: digest });
  await log.refresh();
  const { ancestors, unresolved } = await ancestryOf(repository, version);
  const statements: VerifiedStatement[] = [];
  const modelSignatures: ModelSignature[] = [];
  for (const row of [version, ...ancestors]) {
    const stored = await repository.statementsAbout(tenant, row.digest);
    const known = new Set<number>();
    for (const item of stored) {
      if (isModelSignature(item)) {
        const signature = await modelSignature(item, row, trust, log);
        if (signature) modelSignatures.push(signature);
        if (signature && signature.statement.logIndex !== undefined) known.add(signature.statement.logIndex);
      }
      const statement = isModelSignature(item) ? undefined : verifiedStatement(item, trust.keys, log);
      if (statement) statements.push(statement);
      if (statement?.logIndex !== undefined) known.add(statement.logIndex);
    }
    endingsMustBeKnown(row, known, log);
  }
  return { version, ancestors, unresolvedInputs: unresolved, statements, modelSignatures };
}

const endings = new Set([stateTypes.revocation, stateTypes.erasure].map(shortNameOf));

function endingsMustBeKnown(version: VersionRow, known: ReadonlySet<number>, log: LogIndex): void {
  const lost = log.about(version.topic).find((leaf) => endings.has(leaf.kind) && !known.has(leaf.index));
  if (!lost) return;
  fail("INTEGRITY", {
    message: `The log holds a ${lost.kind} of ${version.name}@${version.digest} at index ${lost.index}, but the store has lost or altered it`,
    where: version.digest,
    next: "Restore the store from a backup; until then this version does not serve.",
  });
}
