import { sha256Hex, utf8 } from "../../kit/bytes.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { digestOfHex, hexOfDigest } from "../../kit/digest.ts";
import type { Digest } from "../../kit/digest.ts";
import type { AssetInput, AssetKind } from "../../core/asset.ts";
import { predicateTypeOf } from "../../core/statement.ts";
import type { VerifiedStatement } from "../../core/statement.ts";
import type { VersionRow } from "../../store/repository.ts";
import type { GateInput, ModelSignature } from "../input.ts";
import { parsePolicy } from "../policy.ts";
import { resolveSigners } from "../signers.ts";

/** A small registry in memory for the gate's tests: a model made from a dataset, with every proof it can have. */

export const day = 86_400_000;
export const now = Date.parse("2026-11-22T12:00:00Z");

/** Some digest, always the same for the same text. */
export function digestOf(text: string): Digest {
  return digestOfHex(sha256Hex(utf8(text)));
}

/** Key ids of everybody the tests know; `stranger` is in no policy. */
export const keys = {
  operator: digestOf("key operator"),
  trainer: digestOf("key trainer"),
  "data-team": digestOf("key data-team"),
  lab: digestOf("key lab"),
  scanner: digestOf("key scanner"),
  stranger: digestOf("key stranger"),
} as const;
export type Who = keyof typeof keys;

/** A live version with one file, made from `inputs`. */
export function versionRow(kind: AssetKind, name: string, inputs: readonly VersionRow[] = []): VersionRow {
  const role = { dataset: "training-data", features: "features", model: "base-model" } as const;
  return {
    tenant: "default",
    kind,
    name,
    digest: digestOf(`version ${name}`),
    topic: "0".repeat(32),
    manifest: { files: [{ path: `${name}.bin`, size: 3, digest: digestOf(`file ${name}`) }] },
    inputs: inputs.map((input): AssetInput => ({ digest: input.digest, role: role[input.kind] })),
    facts: {},
    registeredAt: "2026-11-01T00:00:00Z",
    statement: digestOf(`registration ${name}`),
    state: "live",
  };
}

export interface Options {
  readonly by?: readonly Who[];
  readonly identities?: readonly string[];
  readonly logIndex?: number | undefined;
  /** Days before now. */
  readonly age?: number;
  readonly subjects?: readonly VersionRow[];
  readonly files?: boolean;
}

/** A statement of `type` about `version`. Signed by the operator, on the log, a day old, unless said otherwise. */
export function statement(
  type: string,
  version: VersionRow,
  predicate: Json,
  options: Options = {},
): VerifiedStatement {
  const { by = ["operator"], identities = [], age = 1, subjects = [version], files = false } = options;
  const logIndex = "logIndex" in options ? options.logIndex : 10;
  const subject = subjects.flatMap((row) => [
    { name: row.name, digest: { sha256: hexOfDigest(row.digest) } },
    ...(files
      ? row.manifest.files.map((file) => ({ name: file.path, digest: { sha256: hexOfDigest(file.digest) } }))
      : []),
  ]);
  return {
    digest: digestOf(JSON.stringify([type, version.digest, predicate, by, identities, logIndex ?? null, age])),
    statement: { _type: "https://in-toto.io/Statement/v1", subject, predicateType: predicateTypeOf(type), predicate },
    signedBy: by.map((who) => keys[who]),
    identities,
    logIndex,
    recordedAt: new Date(now - age * day).toISOString(),
  };
}

export const origin = {
  source: "https://example.org/data/credit.csv",
  licence: "CC-BY-4.0",
  collector: "H. Hofmann",
  consentBasis: "published licence",
  region: "eu",
} as const;

/** A data-origin statement by the data team, with `change` in its predicate. */
export function originOf(
  version: VersionRow,
  change: { readonly [field: string]: Json | undefined } = {},
  options: Options = {},
) {
  return statement("data-origin", version, { ...origin, ...change }, { by: ["data-team"], ...options });
}

/** SLSA provenance that names `dependencies` (the registered inputs unless said otherwise). */
export function trainingRun(
  version: VersionRow,
  dependencies?: readonly Json[],
  options: Options = {},
): VerifiedStatement {
  const resolvedDependencies =
    dependencies ??
    version.inputs.map(({ digest }): Json => ({ uri: "urn:x", digest: { sha256: hexOfDigest(digest) } }));
  return statement(
    "training-run",
    version,
    { buildDefinition: { resolvedDependencies } },
    { by: ["trainer"], files: true, ...options },
  );
}

/** An OpenSSF signature by the operator, verified against the version unless `mismatch` says otherwise. */
export function modelSignature(
  version: VersionRow,
  options: Options & { readonly mismatch?: string } = {},
): ModelSignature {
  const signed = statement("model-signature", version, { resources: [] }, options);
  return { version: version.digest, statement: signed, mismatch: options.mismatch };
}

export const signersYaml = `signers:
  operator: { keys: [operator] }
  trainer: { keys: [trainer] }
  data-team: { keys: [data-team], identities: [data@example.org] }
  lab: { keys: [lab] }
  scanner: { keys: [scanner] }
`;

/** A policy for alias prod whose `require` list (and what may follow it) is `yaml`. */
export function policyText(yaml: string): string {
  const body = yaml
    .trim()
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n");
  return `version: 1\nname: test\n${signersYaml}aliases:\n  prod:\n    require:\n${body}\n`;
}

export const dataset = versionRow("dataset", "credit-data");
export const model = versionRow("model", "credit", [dataset]);

/** Gate input about `model` made from `dataset`, without statements, under a policy that requires `yaml`. */
export function input(yaml: string, change: Partial<GateInput> = {}): GateInput {
  const policy = parsePolicy(policyText(yaml), "test.yaml");
  const { stranger: _, ...known } = keys;
  return {
    policy,
    policyDigest: digestOf("policy"),
    alias: "prod",
    now,
    version: model,
    ancestors: [dataset],
    unresolvedInputs: [],
    statements: [],
    modelSignatures: [],
    keyNames: resolveSigners(policy, new Map(Object.entries(known))),
    ...change,
  };
}
