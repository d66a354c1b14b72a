import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { probeOf } from "../probe.ts";
import subject from "./lightgbm.ts";
import { examine } from "./testing/examine.ts";

test("its files are recognised by content and read whole", async () => {
  const { certainty, incomplete } = await examine(
    subject,
    Buffer.from("tree\nversion=v4\nnum_class=1\n\nend of trees\n"),
    "m.txt",
  );
  expect([certainty, incomplete]).toEqual(["certain", []]);
});

test("other files are left alone", () => {
  for (const text of ["tree", "a tree", "{}"]) {
    expect(subject.recognise(probeOf(bytesSource(Buffer.from(text)), "m.txt")), text).toBe("no");
  }
});
