import { standardPredicateTypes } from "../core/statement.ts";

/** Short names a policy may use; anything else must be a full predicate type URI. */
export const knownStatements: readonly string[] = [
  ...Object.keys(standardPredicateTypes),
  "registration",
  "data-origin",
  "model-scan",
  "project-scan",
  "evaluation",
  "gate-verdict",
  "promotion",
  "rollback",
  "revocation",
  "erasure",
  "kill-switch",
  "decision-segment",
  "incident",
];

/** Statements no serving version can have, and why: requiring one is a requirement nothing meets. */
export const neverOnServingVersions: { readonly [name: string]: string } = {
  revocation: "a revoked version, or one made from it, never serves",
  erasure: "an erased version, or one made from it, never serves",
  "kill-switch": "the kill switch speaks about models and tenants, not about versions",
};

/** True for something of the form `scheme:rest`, as predicate types that are not ours have. */
export function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(text);
}
