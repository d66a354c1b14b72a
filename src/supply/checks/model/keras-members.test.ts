import { expect, test } from "vitest";
import { makeZip } from "../../../formats/zip/testing/make-zip.ts";
import keras from "../../../scan/readers/keras.ts";
import { refine } from "../../../scan/readers/testing/refine.ts";
import zip from "../../../scan/readers/zip.ts";
import members from "./keras-members.ts";

const archive = (...more: readonly string[]): Buffer =>
  makeZip(["config.json", "metadata.json", "model.weights.h5", ...more].map((name) => ({ name, data: "{}" })));

test("a member Keras does not write is reported", async () => {
  const examined = await refine(zip, keras, archive("assets/_layer/vocabulary.txt", "run.sh"));
  expect(examined?.see(members)).toMatchObject([{ severity: "low", evidence: '"run.sh"' }]);
});

test("an archive as Keras writes it is not reported, other zip files are none", async () => {
  const examined = await refine(zip, keras, archive());
  expect([examined?.see(members), examined?.incomplete]).toEqual([[], []]);
  expect(await refine(zip, keras, makeZip([{ name: "a.txt", data: "x" }]))).toBeUndefined();
});
