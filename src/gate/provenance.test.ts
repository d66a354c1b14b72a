import { hexOfDigest } from "../kit/digest.ts";
import type { VersionRow } from "../store/repository.ts";
import { decides } from "./testing/cases.ts";
import { dataset, digestOf, model, statement, trainingRun, versionRow } from "./testing/world.ts";

const trained = "- { id: it, statement: training-run, matchesInputs: true, signedBy: [trainer] }";
const dependency = (row: VersionRow, more = {}) => ({ digest: { sha256: hexOfDigest(row.digest) }, ...more });
const base = versionRow("model", "base");

decides("training runs", [
  ["a run that matches", trained, { statements: [trainingRun(model)] }, "pass", /exactly the 1 registered input/],
  ["no run", trained, {}, "undecided", /no training-run/],
  [
    "a run by a stranger",
    trained,
    { statements: [trainingRun(model, undefined, { by: ["stranger"] })] },
    "fail",
    /accepts trainer/,
  ],
  [
    "a run that read more",
    trained,
    { statements: [trainingRun(model, [dependency(dataset), dependency(base, { name: "secret" })])] },
    "fail",
    /dependency "secret" with digest sha256:.* is not among the registered inputs/,
  ],
  [
    "a run that read less",
    trained,
    { statements: [trainingRun(model, [])] },
    "fail",
    /registered input sha256:.* \(training-data\) is not among/,
  ],
  [
    "a run that names no dependencies at all",
    trained,
    { statements: [statement("training-run", model, {}, { by: ["trainer"], files: true })] },
    "undecided",
    /resolvedDependencies is missing/,
  ],
  [
    "a dependency without digest",
    trained,
    { statements: [trainingRun(model, [dependency(dataset), { uri: "x" }])] },
    "fail",
    /"x" with no SHA-256 digest/,
  ],
  [
    "code and lock file are not data",
    trained,
    {
      statements: [
        trainingRun(model, [
          dependency(dataset),
          { uri: "git", digest: { gitCommit: "0a" } },
          dependency(base, { annotations: { role: "lockfile" } }),
        ]),
      ],
    },
    "pass",
    /exactly/,
  ],
  [
    "subjects that leave a file out",
    trained,
    { statements: [trainingRun(model, undefined, { files: false })] },
    "fail",
    /do not cover file "credit\.bin"/,
  ],
  [
    "a subject with another digest for the file",
    trained,
    {
      version: { ...model, manifest: { files: [{ path: "credit.bin", size: 3, digest: digestOf("tampered") }] } },
      statements: [trainingRun(model)],
    },
    "fail",
    /file "credit\.bin" with another digest/,
  ],
  [
    "a model without inputs and a run without dependencies agree",
    trained,
    { version: versionRow("model", "credit"), ancestors: [], statements: [trainingRun(versionRow("model", "credit"))] },
    "pass",
    /exactly the 0 registered inputs/,
  ],
]);
