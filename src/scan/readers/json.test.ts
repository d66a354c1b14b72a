import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { probeOf } from "../probe.ts";
import subject from "./json.ts";
import { examine } from "./testing/examine.ts";

test("its files are recognised by content and read whole", async () => {
  const { certainty, incomplete } = await examine(subject, Buffer.from('{"a": [1, 2]}'), "a.json");
  expect([certainty, incomplete]).toEqual(["possible", []]);
});

test("other files are left alone", () => {
  for (const text of ["{{ template }}", "{% if x %}", "a: 1", "<a/>"]) {
    expect(subject.recognise(probeOf(bytesSource(Buffer.from(text)), "a.json")), text).toBe("no");
  }
});
