import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { judge, table } from "./judge.ts";
import { corpus, executing } from "./samples.ts";
import type { Corpus } from "./samples.ts";

const models = fileURLToPath(new URL("../../../shared/data/models/", import.meta.url));

test("no malicious sample shown to execute is called safe, and of those shown to execute at least 98 of 100 are caught", async () => {
  const malicious = corpus("malicious");
  if (malicious === undefined) return;
  const judged = await judge(malicious);
  console.log(table(judged));
  for (const { sample, outcome, why } of judged) if (outcome !== "caught") console.log(outcome, sample.id, "-", why);
  const shown = executing();
  const ran = judged.filter(({ sample }) => shown.has(sample.id));
  const caught = ran.filter(({ outcome }) => outcome === "caught").length;
  console.log(`of ${ran.length} shown to execute, ${caught} are caught`);
  const safe = judged.filter(({ calledSafe }) => calledSafe).map(({ sample }) => sample.id);
  expect(safe.filter((id) => shown.has(id))).toEqual([]);
  expect(safe.sort()).toEqual(Object.keys(open).sort());
  expect(ran.filter(({ outcome }) => outcome === "missed").map(({ sample }) => sample.id)).toEqual([]);
  expect(caught / ran.length).toBeGreaterThanOrEqual(0.98);
});

test("of ordinary files by real libraries at most 2 in 100 raise an alarm", async () => {
  const ordinary = [corpus("benign"), sharedModels()].filter((found) => found !== undefined);
  let files = 0;
  let alarms = 0;
  for (const found of ordinary) {
    const judged = await judge(found);
    console.log(table(judged));
    for (const line of found.skipped) console.log("left out:", line);
    for (const { sample, outcome, why } of judged) if (outcome !== "missed") console.log(outcome, sample.id, "-", why);
    files += judged.length;
    alarms += judged.filter(({ outcome }) => outcome === "caught").length;
  }
  console.log(`${alarms} false alarms in ${files} files`);
  if (files > 0) expect(alarms / files).toBeLessThanOrEqual(0.02);
});

/**
 * Samples nobody could load here (their libraries cannot be had) that are called safe, and why that is not settled. The list is exact:
 * one that joins or leaves it is to be looked at.
 */
const open: Readonly<Record<string, string>> = {
  "tensorflow/mergev2checkpoints-in-the-graph":
    "no signature reaches the operator, so loading and serving do not run it",
  "tensorflow/printv2-in-the-graph": "writes to a stream its attribute names; standard error in this sample",
  "tensorflow/savev2-in-the-graph": "no signature reaches the operator, so loading and serving do not run it",
  "torchscript/torch-package-python-file":
    "torch.package runs the Python files of its archive: not recognised as such yet",
  "other-model-formats/tflite-with-a-custom-operator":
    "an interpreter without that operator refuses the file; not reported yet",
};

/** The files of ../shared/data/models, and not the two of cloudpickle and dill that hold code: those are to be flagged. */
function sharedModels(): Corpus | undefined {
  if (!existsSync(models)) {
    console.log("not run: ../shared/data absent");
    return undefined;
  }
  const files = readdirSync(models, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("closure_pipeline."))
    .map((entry) => join(entry.parentPath, entry.name).slice(models.length));
  const samples = files.map((file) => ({ id: file, file, technique: file.split("/")[0] ?? file, advisories: [] }));
  return { folder: models, samples, skipped: [] };
}
