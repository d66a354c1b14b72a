import type { Signer } from "../../core/ports.ts";
import { predicateTypeOf } from "../../core/statement.ts";
import { textOf } from "../../kit/bytes.ts";
import type { Json } from "../../kit/canonical-json.ts";
import type { Digest } from "../../kit/digest.ts";
import type { Infer, JsonSchema } from "../../formats/schema/json-schema.ts";
import { readConfig } from "../../formats/yaml/read.ts";
import type { StatementRow, VersionRow } from "../../store/repository.ts";
import { trainingProvenance } from "../../train/provenance/slsa.ts";
import type { Home } from "../home/open.ts";
import { readDocument } from "./read-document.ts";

const text = { type: "string", minLength: 1, maxLength: 2000 } as const;

/** What a run file may say. */
const trainingRunSchema = {
  title: "Training run",
  description:
    "What is known of the run that made a model. The inputs are the registered ones and are not repeated here.",
  type: "object",
  additionalProperties: false,
  required: ["operator"],
  properties: {
    operator: { ...text, description: "Who or what ran it: a person, a CI job, best as a URI." },
    code: {
      type: "object",
      additionalProperties: false,
      required: ["uri", "commit"],
      properties: {
        uri: text,
        commit: {
          type: "string",
          pattern: "^[0-9a-f]{40}([0-9a-f]{24})?$",
          description: "The commit's full id, 40 or 64 hex digits.",
        },
      },
    },
    lockfile: { type: "string", pattern: "^sha256:[0-9a-f]{64}$", description: "Digest of the dependency lock file." },
    parameters: { type: "object", description: "Hyper-parameters and arguments." },
    environment: { type: "object", description: "Interpreter, libraries, hardware." },
    startedAt: text,
    finishedAt: text,
    runId: text,
  },
} as const satisfies JsonSchema;

export type TrainingRunFile = Infer<typeof trainingRunSchema>;

/** Reads a run file (YAML or JSON). @throws CONFIG naming line and column */
export function readTrainingRun(path: string): TrainingRunFile {
  const document = readConfig(trainingRunSchema, textOf(readDocument(path, "the run file", 1024 * 1024), path), path);
  document.settle();
  return document.value;
}

/**
 * Signs and records the SLSA provenance of a registered model: its dependencies are exactly the inputs it was registered with.
 * @throws NOT_FOUND for an input that is no longer known · what the registry throws
 */
export async function recordTrainingRun(
  home: Home,
  version: VersionRow,
  run: TrainingRunFile,
  signer: Signer,
): Promise<StatementRow> {
  const inputs = await Promise.all(
    version.inputs.map(async ({ digest, role }) => ({
      digest,
      role,
      name: (await home.registry.version(version.tenant, digest)).name,
    })),
  );
  const { operator, code, lockfile, parameters = {}, environment = {}, startedAt, finishedAt, runId } = run;
  const predicate = trainingProvenance({
    operator,
    code,
    lockfile: lockfile as Digest | undefined,
    parameters: parameters as { readonly [name: string]: Json },
    environment: environment as { readonly [name: string]: Json },
    inputs,
    startedAt,
    finishedAt,
    runId,
  });
  return home.registry.declare({
    tenant: version.tenant,
    version: version.digest,
    predicateType: predicateTypeOf("training-run"),
    predicate,
    signers: [signer],
    everyFile: true,
  });
}
