import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { probeOf } from "../probe.ts";
import subject from "./pmml.ts";
import { examine } from "./testing/examine.ts";

test("its files are recognised by content and read whole", async () => {
  const { certainty, incomplete } = await examine(
    subject,
    Buffer.from('<?xml version="1.0"?><PMML version="4.4"><Header/></PMML>'),
    "m.pmml",
  );
  expect([certainty, incomplete]).toEqual(["certain", []]);
});

test("other files are left alone", () => {
  for (const text of ["<html></html>", "PMML", "{}"]) {
    expect(subject.recognise(probeOf(bytesSource(Buffer.from(text)), "m.pmml")), text).toBe("no");
  }
});
