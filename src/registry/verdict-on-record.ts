import type { Verdict } from "../core/verdict.ts";
import { type Digest, digestOfHex, hexOfDigest } from "../kit/digest.ts";
import { sha256Hex } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { jsonObject } from "../kit/json.ts";
import { parseEnvelope, verifyEnvelope } from "../seal/dsse.ts";
import { parseStatement } from "../seal/in-toto.ts";
import type { Context } from "./context.ts";
import { verdictType } from "./predicates.ts";

/** For what a verdict is needed. */
export interface Admission {
  readonly tenant: string;
  readonly name: string;
  readonly alias: string;
  readonly version: Digest;
}

/**
 * Returns when the statement `digest` is a gate's verdict on record, signed by a key whose verdicts count, that passes exactly
 * this version for exactly this alias, and is not past its time at `now` (milliseconds since 1970).
 * @throws NOT_FOUND · SIGNATURE · POLICY with the reasons when it is no pass · EXPIRED · INTEGRITY
 */
export async function checkVerdict(context: Context, digest: Digest, wanted: Admission, now: number): Promise<void> {
  const where = `statement ${digest}`;
  const row = await context.repository.statement(digest);
  if (!row || row.tenant !== wanted.tenant || row.predicateType !== verdictType || row.state !== "logged")
    return fail("NOT_FOUND", {
      message: "There is no such gate verdict on record",
      where,
      next: "Let the gate examine the version, then promote with the verdict it records.",
    });
  if (digestOfHex(sha256Hex(row.envelope)) !== digest)
    fail("INTEGRITY", { message: "The stored verdict is not the one that was recorded", where });
  const keys = [...context.ownKeys, ...(context.verdictKeys ?? [])];
  const statement = parseStatement(verifyEnvelope(parseEnvelope(row.envelope), keys).payload);
  const verdict = jsonObject(statement.predicate, "The verdict") as unknown as Partial<Verdict>;
  const about = statement.subject.some(({ digest: named }) => named["sha256"] === hexOfDigest(wanted.version));
  for (const key of ["version", "name", "alias", "tenant"] as const)
    if (statement.predicateType !== verdictType || !about || verdict[key] !== wanted[key])
      fail("POLICY", {
        message: `The verdict is about another ${key}`,
        where,
        next: "Let the gate examine this version for this alias.",
      });
  if (verdict.outcome !== "pass")
    fail("POLICY", {
      message: `The gate's verdict is ${String(verdict.outcome).slice(0, 20)}: ${reasons(verdict)}`,
      where,
    });
  if (verdict.validUntil === undefined) return;
  const end = Date.parse(verdict.validUntil);
  if (Number.isNaN(end) || end <= now)
    fail("EXPIRED", {
      message: `The verdict was valid until ${verdict.validUntil}`,
      where,
      next: "Let the gate examine the version again.",
    });
}

function reasons({ requirements }: Partial<Verdict>): string {
  const open = (Array.isArray(requirements) ? requirements : []).filter((item) => item?.outcome !== "pass");
  return (
    open
      .map((item) => String(item?.reason))
      .join("; ")
      .slice(0, 1000) || "no reason given"
  );
}
