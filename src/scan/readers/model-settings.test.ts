import { expect, test } from "vitest";
import json from "./json.ts";
import subject from "./model-settings.ts";
import { refine } from "./testing/refine.ts";

test("its content is recognised and read whole", async () => {
  const examined = await refine(json, subject, '{"model_type": "llama"}');
  expect([examined?.certainty, examined?.incomplete]).toEqual(["certain", []]);
});

test("other content is left alone", async () => {
  expect(await refine(json, subject, '{"name": "x"}')).toBeUndefined();
});
