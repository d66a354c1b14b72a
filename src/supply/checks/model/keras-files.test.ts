import { expect, test } from "vitest";
import { kerasModel, kerasObject } from "../../../formats/keras/testing/config.ts";
import json from "../../../scan/readers/json.ts";
import kerasConfig from "../../../scan/readers/keras-config.ts";
import { refine } from "../../../scan/readers/testing/refine.ts";
import found from "./keras-files.ts";

test("it is reported", async () => {
  const model = kerasModel(kerasObject("keras.layers", "StringLookup", { vocabulary: "/etc/passwd" }));
  const examined = await refine(json, kerasConfig, JSON.stringify(model));
  expect(examined?.see(found)).toMatchObject([{ severity: "high" }]);
});

test("a model of ordinary layers is not reported", async () => {
  const model = kerasModel(kerasObject("keras.layers", "Dense", { units: 2 }));
  const examined = await refine(json, kerasConfig, JSON.stringify(model));
  expect([examined?.see(found), examined?.incomplete]).toEqual([[], []]);
});
