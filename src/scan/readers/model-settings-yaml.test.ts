import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { probeOf } from "../probe.ts";
import subject from "./model-settings-yaml.ts";
import { examine } from "./testing/examine.ts";

test("its files are recognised by content and read whole", async () => {
  const { certainty, incomplete } = await examine(
    subject,
    Buffer.from("model:\n  _target_: torch.nn.Linear\n"),
    "c.yaml",
  );
  expect([certainty, incomplete]).toEqual(["likely", []]);
});

test("other files are left alone", () => {
  for (const text of ["a: 1", '{"_target_": 1}', "text"]) {
    expect(subject.recognise(probeOf(bytesSource(Buffer.from(text)), "c.yaml")), text).toBe("no");
  }
});
