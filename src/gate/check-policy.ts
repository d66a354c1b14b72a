import { isDigest } from "../kit/digest.ts";
import { durationMs } from "../kit/duration.ts";
import { nearest } from "../kit/nearest.ts";
import { predicateTypeOf, shortNameOf } from "../core/statement.ts";
import type { Path } from "../formats/schema/check.ts";
import { schemaAt } from "../formats/schema/json-schema.ts";
import type { ConfigDocument } from "../formats/yaml/read.ts";
import { findContradiction } from "./can-pass.ts";
import { checkCondition } from "./check-condition.ts";
import type { PolicyFile, RequirementFile } from "./policy-schema.ts";
import { isUri, knownStatements, neverOnServingVersions } from "./statement-names.ts";
import { statementSchema } from "./statement-schemas/all.ts";

/** Complains about everything the schema cannot say: names that lead nowhere, and requirements no version can ever meet. */
export function checkPolicy(document: ConfigDocument<PolicyFile>): void {
  const { signers = {}, aliases } = document.value;
  checkSigners(document, signers);
  for (const [alias, { require }] of Object.entries(aliases)) {
    const ids = new Map<string, number>();
    for (const [index, requirement] of require.entries()) {
      const path: Path = ["aliases", alias, "require", index];
      checkRequirement(document, requirement, path, Object.keys(signers));
      if (requirement.id === undefined) continue;
      if (ids.has(requirement.id)) {
        document.complain(
          [...path, "id"],
          `repeats the id of require[${ids.get(requirement.id)}]`,
          "Every id stands once.",
        );
      }
      ids.set(requirement.id, index);
    }
    const contradiction = findContradiction(require);
    if (contradiction) {
      const { first, second, why } = contradiction;
      const other = document.at(["aliases", alias, "require", first]);
      document.complain(
        ["aliases", alias, "require", second],
        first === second
          ? `can never pass: ${why}`
          : `can never pass together with the requirement at ${other}: ${why}`,
        "Change or remove one of the conditions.",
      );
    }
  }
}

function checkSigners(document: ConfigDocument<PolicyFile>, signers: NonNullable<PolicyFile["signers"]>): void {
  for (const [name, { keys = [], identities = [] }] of Object.entries(signers)) {
    const path: Path = ["signers", name];
    if (keys.length === 0 && identities.length === 0) {
      document.complain(
        path,
        "names neither keys nor identities, so nothing is ever signed by it",
        "Add keys or identities.",
      );
    }
    for (const [index, key] of keys.entries()) {
      const usable =
        isDigest(key) || key.includes("-----BEGIN PUBLIC KEY-----") || /^[A-Za-z0-9][\w.-]{0,63}$/.test(key);
      if (!usable) {
        document.complain(
          [...path, "keys", index],
          "is neither a key id (sha256: and 64 hex digits), nor a public key in PEM, nor the name of a file in HOME/trust",
        );
      }
    }
  }
}

function checkRequirement(
  document: ConfigDocument<PolicyFile>,
  requirement: RequirementFile,
  path: Path,
  signers: readonly string[],
): void {
  const { statement, signedBy, maxAge } = requirement;
  const known = checkStatement(document, statement, [...path, "statement"]);
  if (!signedBy && signers.length === 0) {
    document.complain(path, "can never pass: this policy names no signer whose statements could count", "Add signers.");
  }
  for (const [index, name] of (signedBy ?? []).entries()) {
    if (signers.includes(name)) continue;
    const guess = nearest(name, signers);
    const next = guess === undefined ? `Known signers: ${signers.join(", ") || "none"}.` : `Did you mean "${guess}"?`;
    document.complain(
      [...path, "signedBy", index],
      `names "${name.slice(0, 80)}", which is not among this policy's signers`,
      next,
    );
  }
  if (maxAge !== undefined) checkAge(document, maxAge, [...path, "maxAge"]);
  if (known) {
    checkFields(document, requirement, path);
    checkCondition(document, requirement, path);
  }
}

/** True when the name means something. */
function checkStatement(document: ConfigDocument<PolicyFile>, statement: string, path: Path): boolean {
  const name = shortNameOf(predicateTypeOf(statement));
  if (!isUri(statement) && !knownStatements.includes(name)) {
    const guess = nearest(statement, knownStatements);
    document.complain(
      path,
      `"${statement.slice(0, 80)}" is not a known statement`,
      guess === undefined
        ? `Known: ${knownStatements.join(", ")}; or a predicate type URI.`
        : `Did you mean "${guess}"?`,
    );
    return false;
  }
  const never = Object.hasOwn(neverOnServingVersions, name) ? neverOnServingVersions[name] : undefined;
  if (never !== undefined) document.complain(path, `can never pass: ${never}`);
  return never === undefined;
}

function checkAge(document: ConfigDocument<PolicyFile>, maxAge: string, path: Path): void {
  try {
    if (durationMs(maxAge) === 0) document.complain(path, "can never pass: nothing is ever younger than 0");
  } catch {
    document.complain(
      path,
      `"${maxAge.slice(0, 80)}" is not a duration`,
      'Write a number and a unit, such as "30d" or "12h".',
    );
  }
}

/** Keys that only make sense for statements which carry what they look at. */
function checkFields(document: ConfigDocument<PolicyFile>, requirement: RequirementFile, path: Path): void {
  const name = shortNameOf(predicateTypeOf(requirement.statement));
  const only = (key: string, names: readonly string[]): void => {
    document.complain([...path, key], `applies to ${names.join(" and ")} only, not to ${name}`, undefined, "key");
  };
  if (requirement.matchesInputs && name !== "training-run") only("matchesInputs", ["training-run"]);
  if (requirement.findings && name !== "model-scan" && name !== "project-scan")
    only("findings", ["model-scan", "project-scan"]);
  for (const [key, field] of [
    ["sources", "source"],
    ["licences", "licence"],
    ["regions", "region"],
  ] as const) {
    if (!requirement[key]) continue;
    const schema = statementSchema(name);
    if (!schema || !schemaAt(schema, [field]))
      only(key, key === "sources" ? ["data-origin"] : ["data-origin", "registration"]);
  }
  for (const [index, source] of (requirement.sources ?? []).entries()) {
    if (!source.includes("*") || /^[^*]*\/\*$/.test(source)) continue;
    document.complain(
      [...path, "sources", index],
      'may use "*" only once, at the end, after a "/"',
      'Write "https://example.org/data/*".',
    );
  }
}
