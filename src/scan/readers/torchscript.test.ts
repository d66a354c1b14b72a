import { expect, test } from "vitest";
import { makeZip } from "../../formats/zip/testing/make-zip.ts";
import zip from "./zip.ts";
import subject from "./torchscript.ts";
import { refine } from "./testing/refine.ts";

test("its content is recognised and read whole", async () => {
  const examined = await refine(
    zip,
    subject,
    makeZip([
      { name: "m/constants.pkl", data: "N." },
      { name: "m/code/a.py", data: "x = 1" },
    ]),
  );
  expect([examined?.certainty, examined?.incomplete]).toEqual(["certain", []]);
});

test("other content is left alone", async () => {
  expect(await refine(zip, subject, makeZip([{ name: "m/data.pkl", data: "N." }]))).toBeUndefined();
});
