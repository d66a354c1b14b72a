import { expect, test } from "vitest";
import onnxOrt from "./onnx-ort.ts";
import { examine } from "./testing/examine.ts";

test("a model in this format is recognised, and never taken for examined", async () => {
  const bytes = Buffer.from("\u0018\0\0\0ORTM and so on");
  await expect(examine(onnxOrt, bytes)).rejects.toMatchObject({ code: "UNSUPPORTED" });
});
