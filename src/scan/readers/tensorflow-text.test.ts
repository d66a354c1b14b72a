import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { probeOf } from "../probe.ts";
import tensorflowText from "./tensorflow-text.ts";

const certainty = (text: string): string =>
  tensorflowText.recognise(probeOf(bytesSource(Buffer.from(text)), "x.pbtxt"));

test("graphs as text are recognised, other texts are not", () => {
  expect(certainty("saved_model_schema_version: 1\nmeta_graphs {\n")).toBe("likely");
  expect(certainty('# a graph\nnode {\n  name: "x"\n  op: "WriteFile"\n}')).toBe("likely");
  for (const text of ['name: "m"\nplatform: "onnx"\n', "node: x", "item {\n  id: 1\n}", "hello"])
    expect(certainty(text), text).toBe("no");
});
