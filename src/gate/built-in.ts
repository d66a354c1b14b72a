import type { Digest } from "../kit/digest.ts";
import { isJsonObject } from "../kit/json.ts";
import { predicateTypeOf } from "../core/statement.ts";
import type { VersionRow } from "../store/repository.ts";
import type { GateInput } from "./input.ts";
import type { Decision } from "./requirement.ts";
import { versionText } from "./select.ts";
import { shortDigest } from "./signers.ts";

/** A requirement that holds for every alias, whatever the policy says. */
export interface BuiltIn {
  readonly id: string;
  readonly title: string;
  decide(input: GateInput): Decision;
}

/** The requirements no policy can switch off. */
export const builtIns: readonly BuiltIn[] = [
  { id: "built-in/servable", title: "The version is of a kind that can serve", decide: servable },
  { id: "built-in/not-revoked", title: "The version is not revoked", decide: notRevoked },
  { id: "built-in/not-erased", title: "The version is not erased", decide: notErased },
  { id: "built-in/ancestors-live", title: "Nothing it was made from is revoked or erased", decide: ancestorsLive },
  { id: "built-in/retention", title: "No retention period has passed", decide: retention },
  { id: "built-in/inputs-known", title: "Everything it was made from is registered", decide: inputsKnown },
];

function servable({ version }: GateInput): Decision {
  const evidence = [version.statement];
  return version.kind === "model"
    ? { outcome: "pass", reason: "it is a model", evidence }
    : { outcome: "fail", reason: `it is of kind ${version.kind}; only models serve`, evidence };
}

function notRevoked({ version, statements }: GateInput): Decision {
  return notEnded(version, ended(version, statements, "revoked"), "revoked");
}

function notErased({ version, statements }: GateInput): Decision {
  return notEnded(version, ended(version, statements, "erased"), "erased");
}

function notEnded(version: VersionRow, by: readonly Digest[] | undefined, how: string): Decision {
  return by
    ? { outcome: "fail", reason: `it was ${how}`, evidence: by }
    : { outcome: "pass", reason: `it is not ${how}`, evidence: [version.statement] };
}

/**
 * The statements that ended a version in this way; undefined when it was not. Both the store's row and the signed statements
 * are asked, and one of them saying so is enough: whoever rolls the row back does not bring the version back.
 */
function ended(
  version: VersionRow,
  statements: GateInput["statements"],
  how: "revoked" | "erased",
): readonly Digest[] | undefined {
  const type = predicateTypeOf(how === "revoked" ? "revocation" : "erasure");
  const found = statements
    .filter(({ signedBy, identities }) => signedBy.length + identities.length > 0)
    .filter(({ statement: { predicateType, predicate } }) => {
      return predicateType === type && isJsonObject(predicate) && predicate["version"] === version.digest;
    })
    .map(({ digest }) => digest);
  if (version.state === how && version.endedBy) found.push(version.endedBy);
  return version.state === how || found.length > 0 ? [...new Set(found)] : undefined;
}

function ancestorsLive({ version, ancestors, statements }: GateInput): Decision {
  for (const ancestor of ancestors) {
    for (const how of ["revoked", "erased"] as const) {
      const by = ended(ancestor, statements, how);
      if (by)
        return {
          outcome: "fail",
          reason: `${versionText(ancestor)}, which it was made from, was ${how}`,
          evidence: by,
        };
    }
  }
  const flagged = [version, ...ancestors].find(({ flaggedBy }) => flaggedBy);
  if (flagged?.flaggedBy) {
    const reason = `${shortDigest(flagged.flaggedBy)}, which ${versionText(flagged)} was made from, was revoked or erased`;
    return { outcome: "fail", reason, evidence: [] };
  }
  return { outcome: "pass", reason: "none of them is revoked or erased", evidence: [] };
}

function retention({ version, ancestors, now }: GateInput): Decision {
  let ends: number | undefined;
  let unclear: Decision | undefined;
  for (const row of [version, ...ancestors]) {
    if (row.retainUntil === undefined) continue;
    const end = endOfRetention(row.retainUntil);
    const evidence = [row.statement];
    if (end === undefined) {
      unclear ??= { outcome: "undecided", reason: `the retention date of ${versionText(row)} is not a date`, evidence };
    } else if (now >= end) {
      const reason = `the bytes of ${versionText(row)} were to be gone after ${row.retainUntil.slice(0, 40)}`;
      return { outcome: "fail", reason, evidence };
    } else ends = Math.min(ends ?? end, end);
  }
  const last = ends === undefined ? undefined : ({ at: ends, into: "fail" } as const);
  if (unclear) return { ...unclear, ends: last };
  const reason = ends === undefined ? "none is set" : `the first one ends on ${new Date(ends).toISOString()}`;
  return { outcome: "pass", reason, evidence: [], ends: last };
}

/** The moment a retention date has passed: a day has passed when it is over (UTC). Undefined for what is not a date. */
function endOfRetention(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T.+)?$/.test(text)) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  return text.length === 10 ? at + 86_400_000 : at;
}

function inputsKnown({ version, ancestors, unresolvedInputs }: GateInput): Decision {
  const known = new Set(ancestors.map(({ digest }) => digest));
  const named = [version, ...ancestors].flatMap(({ inputs }) => inputs.map(({ digest }) => digest));
  const unknown = [...new Set([...unresolvedInputs, ...named.filter((digest) => !known.has(digest))])];
  const evidence = [version.statement];
  if (unknown.length === 0) return { outcome: "pass", reason: "every input is registered", evidence };
  const shownOnes = unknown.slice(0, 3).map((digest) => shortDigest(digest));
  const more = unknown.length > 3 ? ` and ${unknown.length - 3} more` : "";
  return { outcome: "undecided", reason: `not registered here: ${shownOnes.join(", ")}${more}`, evidence };
}
