import { readFileSync } from "node:fs";
import type { KeyObject } from "node:crypto";
import { predicateTypeOf } from "../../core/statement.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { Json } from "../../kit/canonical-json.ts";
import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { evaluateGate } from "../../gate/evaluate.ts";
import { parsePolicy, policyDigest } from "../../gate/policy.ts";
import type { Policy } from "../../gate/policy-types.ts";
import { resolveSigners, type SignerKeys } from "../../gate/signers.ts";
import { parsePublicKey } from "../../seal/keys.ts";
import type { Certificate } from "../../seal/x509/certificate.ts";
import type { StatementRow } from "../../store/repository.ts";
import { versionFacts } from "../admission/facts.ts";
import { type LogIndex, logIndex } from "../admission/log-index.ts";
import type { Home } from "../home/open.ts";
import { ioError } from "../home/durable-file.ts";

/** A policy with its signers resolved against the home's trusted keys. */
export interface ReadyPolicy {
  readonly policy: Policy;
  readonly digest: Digest;
  readonly signers: SignerKeys;
  /** Every key whose signature can be checked here: trusted by name, or written in the policy as PEM. */
  readonly keys: readonly KeyObject[];
  readonly roots: readonly Certificate[];
}

/** Reads the policy at `path` for use in `home`. @throws CONFIG naming line and column · NOT_FOUND */
export function readPolicy(home: Pick<Home, "trusted" | "roots" | "signer">, path: string): ReadyPolicy {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw ioError(error, path);
  }
  const policy = parsePolicy(text, path);
  const signers = resolveSigners(policy, new Map(home.trusted.map(({ name, keyId }) => [name, keyId])));
  const written = Object.values(policy.signers).flatMap(({ keys = [] }) =>
    keys.filter((key) => key.includes("-----BEGIN")),
  );
  const keys = [
    home.signer.publicKey,
    ...home.trusted.map(({ publicKey }) => publicKey),
    ...written.map((pem) => parsePublicKey(pem)),
  ];
  return { policy, digest: policyDigest(text), signers, keys, roots: home.roots };
}

/** What is asked of the gate. */
export interface GateQuestion {
  readonly tenant: string;
  readonly alias: string;
  readonly version: Digest;
}

/** Asks the gate, recording nothing. `log` may be kept between questions. */
export async function askGate(
  home: Pick<Home, "registry" | "repository" | "readLog" | "clock">,
  ready: ReadyPolicy,
  { tenant, alias, version }: GateQuestion,
  log: LogIndex = logIndex(home.readLog),
): Promise<Verdict> {
  const now = home.clock.now();
  const facts = await versionFacts(home, log, { keys: ready.keys, roots: ready.roots, now }, tenant, version);
  return evaluateGate({
    ...facts,
    policy: ready.policy,
    policyDigest: ready.digest,
    alias,
    now,
    keyNames: ready.signers,
  });
}

/** Asks the gate and puts its verdict on record, whatever it is. */
export async function recordVerdict(
  home: Home,
  ready: ReadyPolicy,
  question: GateQuestion,
): Promise<{ readonly verdict: Verdict; readonly statement: StatementRow }> {
  const verdict = await askGate(home, ready, question);
  const statement = await home.registry.declare({
    tenant: question.tenant,
    version: question.version,
    predicateType: predicateTypeOf("gate-verdict"),
    predicate: verdict as unknown as Json,
  });
  return { verdict, statement };
}

/** Lets the gate examine a version and, when it passes, points the alias to it. @throws POLICY, UNDECIDED with the reasons */
export async function promoteThroughGate(
  home: Home,
  ready: ReadyPolicy,
  name: string,
  question: GateQuestion,
  canary?: number,
): Promise<{ readonly verdict: Verdict; readonly sequence: number }> {
  const { verdict, statement } = await recordVerdict(home, ready, question);
  if (verdict.outcome !== "pass") {
    const open = verdict.requirements.filter(({ outcome }) => outcome !== "pass");
    fail(verdict.outcome === "fail" ? "POLICY" : "UNDECIDED", {
      message: `The gate does not admit ${name}@${question.version} to "${question.alias}": ${open.map(({ reason }) => reason).join("; ")}`,
      where: `policy ${verdict.policy.name}, requirement ${open.map(({ id }) => id).join(", ")}`,
      next: `See every requirement with "castellan gate ${name}@${question.version}".`,
    });
  }
  const row = await home.registry.promote({ ...question, name, verdict: statement.digest, canary });
  return { verdict, sequence: row.sequence };
}
