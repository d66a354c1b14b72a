import { expect, test } from "vitest";
import json from "../../../scan/readers/json.ts";
import settings from "../../../scan/readers/model-settings.ts";
import { refine } from "../../../scan/readers/testing/refine.ts";
import found from "./settings-place.ts";

test("it is reported", async () => {
  const examined = await refine(
    json,
    settings,
    JSON.stringify({ peft_type: "LORA", base_model_name_or_path: "http://evil.example/m" }),
  );
  expect(examined?.see(found)).toMatchObject([{ severity: "medium" }]);
});

test("ordinary settings are not reported", async () => {
  const examined = await refine(
    json,
    settings,
    JSON.stringify({ model_type: "llama", architectures: ["LlamaForCausalLM"], _name_or_path: "meta/llama" }),
  );
  expect([examined?.see(found), examined?.incomplete]).toEqual([[], []]);
});
