import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { silentProgress } from "../../kit/progress.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { Digest } from "../../kit/digest.ts";
import { defaultTenant } from "../../core/asset.ts";
import { isCastellanError } from "../../kit/errors.ts";
import type { VersionRow } from "../../store/repository.ts";
import { attachSignature } from "../flows/attach-signature.ts";
import { readOrigin, recordOrigin } from "../flows/data-origin.ts";
import { askGate, promoteThroughGate, readPolicy } from "../flows/gate-version.ts";
import { recordModelScan } from "../flows/model-scan.ts";
import { registerFiles } from "../flows/register-path.ts";
import { signVersion } from "../flows/sign-version.ts";
import { readTrainingRun, recordTrainingRun } from "../flows/training-run.ts";
import { createHome, createKey } from "../home/create.ts";
import { homeLayout } from "../home/layout.ts";
import { type Home, openHome } from "../home/open.ts";
import { folderKeys } from "../keys/folder-keys.ts";
import { packageRoot } from "../package-root.ts";
import { applicantRequest, type InferRequest } from "./applicant.ts";

/** What the demo set up. */
export interface DemoState {
  readonly dataset: VersionRow;
  /** Proven, and what `credit:prod` points to. */
  readonly proven: VersionRow;
  readonly verdict: Verdict;
  /** Registered but neither signed nor with a training run: never served. */
  readonly unproven: VersionRow;
  readonly refusal: Verdict;
  readonly applicant: InferRequest;
}

/** Tells of each step as it is done. */
export type Tell = (step: string, ...details: string[]) => void;

const people = ["data-team", "trainer"] as const;

/**
 * Sets up the credit-scoring demo in a home of its own at `root`: real data, real models, real keys. What an earlier start has
 * done already is taken as it is, also when that start was interrupted.
 */
export async function setUpDemo(root: string, tell: Tell): Promise<DemoState> {
  const example = join(packageRoot(), "examples", "credit");
  const layout = homeLayout(root);
  if (!existsSync(layout.logKey)) {
    await createHome(root, {
      origin: "castellan.demo/log",
      policy: readFileSync(join(packageRoot(), "policies", "demo.yaml"), "utf8"),
    });
  }
  for (const name of people)
    if (!existsSync(join(layout.keys, `${name}.pem`))) await createKey(layout, name, "ecdsa-p256");
  tell("home", `keys for ${people.join(", ")} and operator; a log; an encrypted store in ${root}`);
  const home = await openHome(root);
  try {
    const dataset = await registerDataset(home, example);
    tell(
      "data",
      `german-credit ${short(dataset.digest)}: ${dataset.manifest.files.length} files, ${dataset.licence}`,
      "origin signed by data-team",
    );
    const proven = await registerModel(home, example, "logreg.onnx", dataset);
    const policy = readPolicy(home, home.policy);
    const question = { tenant: defaultTenant, alias: "prod", version: proven.digest };
    const done = (await home.repository.alias(defaultTenant, "credit", "prod"))?.digest === proven.digest;
    if (!done) await proveModel(home, example, proven);
    tell(
      "model",
      `credit ${short(proven.digest)} (logistic regression)`,
      "training run signed by trainer, scanned, bytes signed by operator (OpenSSF Model Signing)",
    );
    const verdict = done
      ? await askGate(home, policy, question)
      : (await promoteThroughGate(home, policy, "credit", question)).verdict;
    tell(
      "gate",
      `policy ${verdict.policy.name}: ${verdict.outcome}`,
      ...verdict.requirements.map(({ outcome, title }) => `${outcome}  ${title}`),
    );
    tell("promote", `credit:prod → ${short(proven.digest)}`);
    const unproven = await registerModel(home, example, "mlp.onnx", dataset);
    const refusal = await askGate(home, policy, { ...question, version: unproven.digest });
    const missing = refusal.requirements.filter(({ outcome }) => outcome !== "pass");
    tell(
      "refused",
      `credit ${short(unproven.digest)} (neural network) is registered but unproven`,
      ...missing.map(({ id, reason }) => `${id}: ${reason}`),
    );
    const encoding = JSON.parse(readFileSync(join(example, "encoding.json"), "utf8")) as Parameters<
      typeof applicantRequest
    >[1];
    const applicant = applicantRequest(readFileSync(join(example, "data", "test.csv"), "utf8"), encoding, 0);
    return { dataset, proven, verdict, unproven, refusal, applicant };
  } finally {
    await home.close();
  }
}

async function registerDataset(home: Home, example: string): Promise<VersionRow> {
  const origin = readOrigin(join(example, "origin.yaml"));
  const { source, licence, consentBasis, region } = origin.facts;
  const dataset = await registerFiles(home, {
    files: ["train.csv", "test.csv"].map((path) => ({ path, location: join(example, "data", path) })),
    kind: "dataset",
    tenant: defaultTenant,
    name: "german-credit",
    inputs: [],
    terms: { origin: source, licence, consentBasis, region },
    progress: silentProgress,
  });
  if (!(await hasStatement(home, dataset, "data-origin"))) {
    await recordOrigin(home, dataset, origin, () => folderKeys({ folder: home.layout.keys }).open("data-team"));
  }
  return dataset;
}

function registerModel(home: Home, example: string, file: string, dataset: VersionRow): Promise<VersionRow> {
  return registerFiles(home, {
    files: [
      { path: "model.onnx", location: join(example, file) },
      { path: "encoding.json", location: join(example, "encoding.json") },
    ],
    kind: "model",
    tenant: defaultTenant,
    name: "credit",
    inputs: [`german-credit@${dataset.digest}=training-data`],
    terms: { licence: "CC-BY-4.0" },
    progress: silentProgress,
  });
}

async function proveModel(home: Home, example: string, model: VersionRow): Promise<void> {
  if (!(await hasStatement(home, model, "training-run"))) {
    const trainer = await folderKeys({ folder: home.layout.keys }).open("trainer");
    await recordTrainingRun(home, model, readTrainingRun(join(example, "run.yaml")), trainer);
  }
  if (!(await hasStatement(home, model, "model-scan"))) await recordModelScan(home, model, silentProgress);
  if (!(await hasStatement(home, model, "model-signature")))
    await attachSignature(home, model, await signVersion(model, home.signer));
}

async function hasStatement(home: Home, version: VersionRow, kind: string): Promise<boolean> {
  try {
    const { events } = await home.registry.history(version.tenant, version.name);
    return events.some(({ what, versions }) => what === kind && versions.includes(version.digest));
  } catch (error) {
    if (isCastellanError(error, "NOT_FOUND")) return false;
    throw error;
  }
}

const short = (digest: Digest): string => `${digest.slice(0, 19)}…`;
