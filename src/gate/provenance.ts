import { hexOfDigest } from "../kit/digest.ts";
import type { Json } from "../kit/canonical-json.ts";
import { isJsonObject } from "../kit/json.ts";
import type { Statement } from "../core/statement.ts";
import type { VersionRow } from "../store/repository.ts";
import type { Finding } from "./condition.ts";

/** Dependencies of a build that are not data and so are not registered as inputs; said by `annotations.role`. */
const codeRoles = new Set(["code", "lockfile", "environment"]);

/**
 * Does a SLSA provenance (https://slsa.dev/spec/v1.0/provenance) tell the same story as the registration? Its
 * resolvedDependencies must be exactly the registered inputs, and its subjects must cover every file of the version.
 * Dependencies that are code are left out of the comparison: those known by a git commit only, and those whose annotation
 * `role` says code, lockfile or environment, unless they are registered inputs.
 */
export function matchesInputs(statement: Statement, version: VersionRow): Finding {
  const subjects = subjectProblem(statement, version);
  if (subjects) return subjects;
  const listed = dependenciesOf(statement.predicate);
  if (!listed) return { outcome: "undecided", reason: "its field /buildDefinition/resolvedDependencies is missing" };
  const registered = new Map(version.inputs.map((input) => [hexOfDigest(input.digest), input.role]));
  const found = new Set<string>();
  for (const [index, dependency] of listed.entries()) {
    const { hex, label, isCode } = readDependency(dependency);
    if (hex !== undefined && registered.has(hex)) found.add(hex);
    else if (!isCode) {
      const known = hex === undefined ? "no SHA-256 digest" : `digest sha256:${hex.slice(0, 12)}…`;
      const name = label === undefined ? `number ${index}` : JSON.stringify(label.slice(0, 80));
      return { outcome: "fail", reason: `its dependency ${name} with ${known} is not among the registered inputs` };
    }
  }
  for (const [hex, role] of registered) {
    if (found.has(hex)) continue;
    return {
      outcome: "fail",
      reason: `the registered input sha256:${hex.slice(0, 12)}… (${role}) is not among its resolvedDependencies`,
    };
  }
  const { size } = registered;
  return {
    outcome: "pass",
    reason: `its dependencies are exactly the ${size} registered input${size === 1 ? "" : "s"}`,
  };
}

function subjectProblem(statement: Statement, version: VersionRow): Finding | undefined {
  const digests = new Set(statement.subject.map((subject) => subject.digest["sha256"]));
  for (const file of version.manifest.files) {
    if (digests.has(hexOfDigest(file.digest))) continue;
    const named = statement.subject.some((subject) => subject.name === file.path);
    const path = JSON.stringify(file.path.slice(0, 200));
    return {
      outcome: "fail",
      reason: named ? `it names file ${path} with another digest` : `its subjects do not cover file ${path}`,
    };
  }
  return undefined;
}

function dependenciesOf(predicate: Json): readonly Json[] | undefined {
  const definition = isJsonObject(predicate) ? predicate["buildDefinition"] : undefined;
  const listed = isJsonObject(definition) ? definition["resolvedDependencies"] : undefined;
  return Array.isArray(listed) ? (listed as readonly Json[]) : undefined;
}

function readDependency(dependency: Json): { hex?: string; label?: string; isCode: boolean } {
  if (!isJsonObject(dependency)) return { isCode: false };
  const digest = isJsonObject(dependency["digest"]) ? dependency["digest"] : {};
  const annotations = isJsonObject(dependency["annotations"]) ? dependency["annotations"] : {};
  const { sha256: hex } = digest;
  const role = annotations["role"];
  const label = [dependency["name"], dependency["uri"]].find((item) => typeof item === "string");
  const byCommit = hex === undefined && typeof digest["gitCommit"] === "string";
  return {
    isCode: byCommit || (typeof role === "string" && codeRoles.has(role)),
    ...(typeof hex === "string" ? { hex } : {}),
    ...(label === undefined ? {} : { label }),
  };
}
