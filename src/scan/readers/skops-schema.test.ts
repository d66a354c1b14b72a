import { expect, test } from "vitest";
import json from "./json.ts";
import subject from "./skops-schema.ts";
import { refine } from "./testing/refine.ts";

test("its content is recognised and read whole", async () => {
  const examined = await refine(
    json,
    subject,
    '{"__class__": "Ridge", "__module__": "sklearn.linear_model", "__loader__": "ObjectNode"}',
  );
  expect([examined?.certainty, examined?.incomplete]).toEqual(["certain", []]);
});

test("other content is left alone", async () => {
  expect(await refine(json, subject, '{"__class__": "x"}')).toBeUndefined();
});
