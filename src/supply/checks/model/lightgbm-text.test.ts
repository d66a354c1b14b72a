import fc from "fast-check";
import { expect, test } from "vitest";
import { referenceModel } from "../../../../test/support/reference-models.ts";
import { isCastellanError } from "../../../kit/errors.ts";
import { mutations } from "../../../formats/reading/testing/mutations.ts";
import lightgbm from "../../../scan/readers/lightgbm.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import text from "./lightgbm-text.ts";

const model = Buffer.from(
  "tree\nversion=v4\nnum_class=1\n\nTree=0\nnum_leaves=2\nthreshold=1.5 -2e-3\n\nend of trees\n\nparameters:\n[boosting: gbdt]\nend of parameters\n\npandas_categorical:null\n",
);

test("lines that are no part of a model are reported, and leave it incomplete", async () => {
  const examined = await examine(
    lightgbm,
    Buffer.from(model.toString().replace("threshold=1.5", "threshold=os.system")),
  );
  expect([examined.see(text).length, examined.incomplete.length]).toEqual([1, 1]);
});

test("a model is not reported", async () => {
  const examined = await examine(lightgbm, model);
  expect([examined.certainty, examined.see(text), examined.incomplete]).toEqual(["certain", [], []]);
});

test("real models are not reported", async () => {
  for (const path of ["credit/lightgbm.txt", "adult/lightgbm.txt"]) {
    const bytes = referenceModel(path);
    if (!bytes) return;
    const examined = await examine(lightgbm, bytes);
    expect([examined.see(text), examined.incomplete], path).toEqual([[], []]);
  }
});

test("any damage ends in an answer", async () => {
  await fc.assert(
    fc.asyncProperty(mutations(model), async (bytes) => {
      try {
        await examine(lightgbm, bytes);
      } catch (error) {
        if (!isCastellanError(error, "MALFORMED", "LIMIT")) throw error;
      }
    }),
  );
});
