import { expect, test } from "vitest";
import json from "./json.ts";
import subject from "./keras-config.ts";
import { refine } from "./testing/refine.ts";

test("its content is recognised and read whole", async () => {
  const examined = await refine(json, subject, '{"class_name": "Dense", "config": {}}');
  expect([examined?.certainty, examined?.incomplete]).toEqual(["certain", []]);
});

test("other content is left alone", async () => {
  expect(await refine(json, subject, '{"name": "Dense"}')).toBeUndefined();
});
