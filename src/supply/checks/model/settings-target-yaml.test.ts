import { expect, test } from "vitest";
import settings from "../../../scan/readers/model-settings-yaml.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import found from "./settings-target-yaml.ts";

test("it is reported", async () => {
  const examined = await examine(settings, Buffer.from("encoder:\n  _target_: os.system\n"));
  expect(examined?.see(found)).toMatchObject([{ severity: "high" }]);
});

test("ordinary settings are not reported", async () => {
  const examined = await examine(settings, Buffer.from("model_type: llama\nencoder:\n  _target_: torch.nn.Linear\n"));
  expect([examined?.see(found), examined?.incomplete]).toEqual([[], []]);
});
