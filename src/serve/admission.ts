import { isName } from "../core/asset.ts";
import type { Verdict } from "../core/verdict.ts";
import { sha256Hex, utf8 } from "../kit/bytes.ts";
import { canonicalJson, type Json } from "../kit/canonical-json.ts";
import type { Clock } from "../kit/clock.ts";
import { type Digest, digestOfHex, isDigest } from "../kit/digest.ts";
import { isCastellanError } from "../kit/errors.ts";
import type { AdmissionGate } from "./ports.ts";
import type { AdmittedVersion, RefusedVersion } from "./serving-table.ts";

/** Which version under which alias. */
export interface Candidate {
  readonly tenant: string;
  readonly name: string;
  readonly alias: string;
  readonly digest: Digest;
}

/**
 * Asks the gate whether a version may serve. Everything but a clear, present, matching "pass" is a no: an error, a late
 * answer, a verdict about another version or alias, a verdict already past its time.
 */
export async function admit(
  gate: AdmissionGate,
  clock: Clock,
  { tenant, name, alias, digest }: Candidate,
  timeoutMs: number,
): Promise<AdmittedVersion | RefusedVersion> {
  const no = (outcome: "fail" | "undecided", reason: string): RefusedVersion => ({
    digest,
    outcome,
    missing: [{ id: "gate", title: "The gate answers for this version", outcome, reason }],
  });
  if (!isName(tenant) || !isName(name) || !isName(alias) || !isDigest(digest)) {
    return no("fail", "The store names it in a way no registered version is named");
  }
  let verdict: Verdict;
  try {
    verdict = await withTimeout(gate.admit(tenant, name, alias, digest), timeoutMs);
  } catch (error) {
    // The message of a foreign error may carry paths or queries; clients see this reason, so only ours is repeated.
    return no("undecided", isCastellanError(error) ? error.message : "The gate could not answer");
  }
  if (verdict.version !== digest || verdict.alias !== alias || verdict.name !== name || verdict.tenant !== tenant) {
    return no("undecided", "The gate answered about another version");
  }
  if (verdict.outcome !== "pass") {
    const missing = verdict.requirements
      .filter((requirement) => requirement.outcome !== "pass")
      .map(({ id, title, outcome, reason }) => ({ id, title, outcome, reason }));
    if (missing.length === 0) return no(verdict.outcome, "The gate named no requirement that passes");
    return { digest, outcome: verdict.outcome, missing };
  }
  const validUntil = verdict.validUntil === undefined ? Number.POSITIVE_INFINITY : Date.parse(verdict.validUntil);
  if (!(validUntil > clock.now())) return no("undecided", "The verdict is past its time");
  const proof = digestOfHex(sha256Hex(utf8(canonicalJson(verdict as unknown as Json))));
  return { digest, proof, validUntil };
}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("timeout")), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
