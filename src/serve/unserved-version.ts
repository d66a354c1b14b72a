import type { Verdict } from "../core/verdict.ts";
import type { Digest } from "../kit/digest.ts";
import { isCastellanError } from "../kit/errors.ts";
import type { AdmissionGate } from "./ports.ts";

/** Why a registered version that no alias points to is not served: the gate's verdict, or undefined when there is no such version. */
export type UnservedVersion = (tenant: string, name: string, digest: Digest) => Promise<Verdict | undefined>;

const kept = 256;
const alias = "prod";

/**
 * Asks the gate about versions that were asked for by digest and are not served. Answers are kept while the table's revision
 * stays the same, and each question is asked once however many requests wait for it: refused requests must cost little.
 */
export function unservedVersion(gate: AdmissionGate, revision: () => number): UnservedVersion {
  const answers = new Map<string, Promise<Verdict | undefined>>();
  let asOf = Number.NaN;
  return (tenant, name, digest) => {
    if (revision() !== asOf || answers.size >= kept) answers.clear();
    asOf = revision();
    const key = `${tenant}/${name}@${digest}`;
    const known = answers.get(key);
    if (known) return known;
    const answer = ask(gate, tenant, name, digest);
    answers.set(key, answer);
    return answer;
  };
}

async function ask(gate: AdmissionGate, tenant: string, name: string, digest: Digest): Promise<Verdict | undefined> {
  try {
    const verdict = await gate.admit(tenant, name, alias, digest);
    return verdict.name === name && verdict.version === digest ? verdict : undefined;
  } catch (error) {
    if (isCastellanError(error)) return undefined;
    throw error;
  }
}
