import { decides } from "./testing/cases.ts";
import { dataset, model, modelSignature, originOf, statement, versionRow } from "./testing/world.ts";

const signed = "- { id: it, statement: model-signature, signedBy: [operator] }";
const dataOrigin = "- { id: it, statement: data-origin, of: datasets, signedBy: [data-team] }";
const fromSource = `- { id: it, statement: data-origin, of: datasets, signedBy: [data-team], sources: ["https://example.org/data/*", s3-bucket] }`;
const measured = (predicate: object, options = {}) =>
  statement("evaluation", model, predicate as never, { by: ["lab"], ...options });
const other = versionRow("model", "other", [dataset]);
const base = versionRow("model", "base");
const onBase = versionRow("model", "credit", [dataset, base]);
const features = versionRow("features", "table");
const onFeatures = versionRow("model", "credit", [features]);

decides("which statement counts", [
  ["a signed model passes", signed, { modelSignatures: [modelSignature(model)] }, "pass", /signed by operator/],
  ["no signature", signed, {}, "undecided", /no model-signature statement about it \(needed from operator\)/],
  [
    "a signature for another model",
    signed,
    { modelSignatures: [modelSignature(other)] },
    "undecided",
    /the one on record is about "other"/,
  ],
  [
    "a stranger's signature",
    signed,
    { modelSignatures: [modelSignature(model, { by: ["stranger"] })] },
    "fail",
    /signed by key sha256:.{12}…, but the policy accepts operator/,
  ],
  [
    "another signer's signature",
    signed,
    { modelSignatures: [modelSignature(model, { by: ["trainer"] })] },
    "fail",
    /signed by trainer, but the policy accepts operator/,
  ],
  [
    "a signature that does not verify",
    signed,
    { modelSignatures: [modelSignature(model, { by: [] })] },
    "fail",
    /carries no signature that verifies/,
  ],
  [
    "a signature over other bytes",
    signed,
    { modelSignatures: [modelSignature(model, { mismatch: "m.onnx differs" })] },
    "fail",
    /about other bytes: m\.onnx differs/,
  ],
  [
    "a signature not on the log",
    signed,
    { modelSignatures: [modelSignature(model, { logIndex: undefined })] },
    "undecided",
    /not on the log/,
  ],
  [
    "a newer mismatch is not hidden by an older good signature",
    signed,
    {
      modelSignatures: [modelSignature(model, { logIndex: 1 }), modelSignature(model, { logIndex: 2, mismatch: "x" })],
    },
    "fail",
    /other bytes/,
  ],
  [
    "a newer good signature replaces an older mismatch",
    signed,
    {
      modelSignatures: [modelSignature(model, { logIndex: 3 }), modelSignature(model, { logIndex: 2, mismatch: "x" })],
    },
    "pass",
    /signed by operator/,
  ],
  [
    "no policy key of the signer is known",
    signed,
    { modelSignatures: [modelSignature(model)], keyNames: new Map() },
    "undecided",
    /no key is known of operator/,
  ],
  [
    "one of several signers is enough",
    "- { id: it, statement: model-signature, signedBy: [lab, operator] }",
    { modelSignatures: [modelSignature(model)] },
    "pass",
    /signed by operator/,
  ],
  [
    "signed by two of whom one counts",
    signed,
    { modelSignatures: [modelSignature(model, { by: ["stranger", "operator"] })] },
    "pass",
    /operator/,
  ],
  [
    "no signedBy means any signer of the policy",
    "- { id: it, statement: model-signature }",
    { modelSignatures: [modelSignature(model, { by: ["lab"] })] },
    "pass",
    /signed by lab/,
  ],
  [
    "no signedBy does not mean anybody",
    "- { id: it, statement: model-signature }",
    { modelSignatures: [modelSignature(model, { by: ["stranger"] })] },
    "fail",
    /signed by key/,
  ],
]);

decides("whose statements are asked for", [
  [
    "the base model is signed too",
    "- { id: it, statement: model-signature, of: models, signedBy: [operator] }",
    { version: onBase, ancestors: [dataset, base], modelSignatures: [modelSignature(base)] },
    "pass",
    /model base/,
  ],
  [
    "the base model is not signed",
    "- { id: it, statement: model-signature, of: models, signedBy: [operator] }",
    { version: onBase, ancestors: [dataset, base], modelSignatures: [modelSignature(onBase)] },
    "undecided",
    /model base \(.*\): there is no model-signature/,
  ],
  [
    "there is no base model",
    "- { id: it, statement: model-signature, of: models, signedBy: [operator] }",
    {},
    "pass",
    /made from no other model/,
  ],
  [
    "every ancestor is spoken for",
    "- { id: it, statement: data-origin, of: ancestors, signedBy: [data-team] }",
    { statements: [originOf(dataset)] },
    "pass",
    /credit-data/,
  ],
  [
    "one of two ancestors is not",
    "- { id: it, statement: data-origin, of: ancestors, signedBy: [data-team] }",
    { version: onBase, ancestors: [dataset, base], statements: [originOf(dataset)] },
    "undecided",
    /model base/,
  ],
  [
    "one ancestor contradicts, another is missing",
    fromSource,
    {
      version: versionRow("model", "credit", [dataset, features]),
      ancestors: [dataset, features],
      statements: [originOf(dataset, { source: "evil" })],
    },
    "fail",
    /evil/,
  ],
  [
    "naming no data is not a way around its origin",
    dataOrigin,
    { version: versionRow("model", "credit"), ancestors: [] },
    "undecided",
    /names no dataset/,
  ],
  [
    "naming no input is not a way around ancestors",
    "- { id: it, statement: data-origin, of: ancestors, signedBy: [data-team] }",
    { version: versionRow("model", "credit"), ancestors: [] },
    "undecided",
    /names no input/,
  ],
  [
    "a feature table without inputs counts as a source of data",
    dataOrigin,
    { version: onFeatures, ancestors: [features] },
    "undecided",
    /features table/,
  ],
  [
    "such a table with a signed origin passes",
    dataOrigin,
    { version: onFeatures, ancestors: [features], statements: [originOf(features)] },
    "pass",
    /features table/,
  ],
  [
    "a statement about the dataset says nothing about the model",
    "- { id: it, statement: evaluation, signedBy: [lab] }",
    { statements: [statement("evaluation", dataset, {}, { by: ["lab"] })] },
    "undecided",
    /about "credit-data", not about it/,
  ],
  [
    "a statement about several versions counts for each",
    "- { id: it, statement: evaluation, signedBy: [lab] }",
    { statements: [measured({}, { subjects: [other, model] })] },
    "pass",
    /signed by lab/,
  ],
]);
