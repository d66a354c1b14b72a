import { expect, test } from "vitest";
import { makeZip } from "../../formats/zip/testing/make-zip.ts";
import zip from "./zip.ts";
import subject from "./skops.ts";
import { refine } from "./testing/refine.ts";

test("its content is recognised and read whole", async () => {
  const examined = await refine(zip, subject, makeZip([{ name: "schema.json", data: "{}" }]));
  expect([examined?.certainty, examined?.incomplete]).toEqual(["likely", []]);
});

test("other content is left alone", async () => {
  expect(await refine(zip, subject, makeZip([{ name: "a.json", data: "{}" }]))).toBeUndefined();
});
