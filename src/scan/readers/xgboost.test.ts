import { expect, test } from "vitest";
import json from "./json.ts";
import { refine } from "./testing/refine.ts";
import xgboost from "./xgboost.ts";

test("a model is read whole, other JSON is left alone", async () => {
  const model = { learner: { gradient_booster: { name: "gbtree" }, objective: {} }, version: [1, 7, 4] };
  const examined = await refine(json, xgboost, JSON.stringify(model));
  expect([examined?.certainty, examined?.structure.booster, examined?.incomplete]).toEqual(["certain", "gbtree", []]);
  expect(await refine(json, xgboost, '{"version": 1}')).toBeUndefined();
});
