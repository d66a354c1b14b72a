import type { Json } from "../../kit/canonical-json.ts";
import { type Digest, hexOfDigest } from "../../kit/digest.ts";

/** What is known about the run that made a model. */
export interface TrainingRun {
  /** Who or what ran it, as a URI (e.g. `https://ci.example/builder` or `urn:castellan:operator:anna`). */
  readonly operator: string;
  /** The code: repository URI and commit (40 hex digits). */
  readonly code?: { readonly uri: string; readonly commit: string } | undefined;
  /** Digest of the dependency lock file, when there is one. */
  readonly lockfile?: Digest | undefined;
  /** Hyper-parameters and arguments. */
  readonly parameters: { readonly [name: string]: Json | undefined };
  /** Runtime facts: interpreter, libraries, hardware. */
  readonly environment: { readonly [name: string]: Json | undefined };
  /** The registered versions it read. */
  readonly inputs: readonly { readonly name: string; readonly digest: Digest; readonly role: string }[];
  /** RFC 3339. */
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  readonly runId?: string | undefined;
}

/** Our SLSA build type: what the external parameters below mean. */
export const trainingBuildType = "urn:castellan:training-run:v1";

/**
 * The SLSA Provenance v1 predicate (https://slsa.dev/spec/v1.0/provenance) of a training run: parameters are external
 * parameters, inputs, code and lock file are resolved dependencies, the environment is an internal parameter.
 */
export function trainingProvenance(run: TrainingRun): Json {
  const inputs = run.inputs.map(({ name, digest, role }) => ({
    name,
    uri: `urn:castellan:version:${digest}`,
    digest: { sha256: hexOfDigest(digest) },
    annotations: { role },
  }));
  const code = run.code
    ? [{ name: "source", uri: `git+${run.code.uri}@${run.code.commit}`, digest: { gitCommit: run.code.commit } }]
    : [];
  const lockfile = run.lockfile
    ? [{ name: "lockfile", digest: { sha256: hexOfDigest(run.lockfile) }, annotations: { role: "lockfile" } }]
    : [];
  return {
    buildDefinition: {
      buildType: trainingBuildType,
      externalParameters: run.parameters,
      internalParameters: { environment: run.environment },
      resolvedDependencies: [...inputs, ...code, ...lockfile],
    },
    runDetails: {
      builder: { id: run.operator },
      metadata: { invocationId: run.runId, startedOn: run.startedAt, finishedOn: run.finishedAt },
    },
  };
}
