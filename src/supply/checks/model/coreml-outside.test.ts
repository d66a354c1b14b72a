import { expect, test } from "vitest";
import { coreml, customLayer, mlProgram, network } from "../../../formats/coreml/testing/write.ts";
import coremlReader from "../../../scan/readers/coreml.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import check from "./coreml-outside.ts";

test("custom layers and foreign files are reported", async () => {
  const layer = coreml([500, network(customLayer("Evil"))]);
  expect((await examine(coremlReader, layer)).see(check)).toMatchObject([{ severity: "medium", key: "custom-layer" }]);
  expect((await examine(coremlReader, mlProgram("../../x"))).see(check)).toMatchObject([
    { severity: "high", key: "weights-path" },
  ]);
});

test("ordinary models are not reported", async () => {
  for (const bytes of [coreml([500, network()]), mlProgram("@model_path/weights/weight.bin")]) {
    const examined = await examine(coremlReader, bytes);
    expect([examined.see(check), examined.incomplete]).toEqual([[], []]);
  }
});
