import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { twoTensors, writeSafetensors } from "../../formats/safetensors/testing/write.ts";
import { probeOf } from "../probe.ts";
import safetensors from "./safetensors.ts";
import { examine } from "./testing/examine.ts";

const certainty = (bytes: Uint8Array): string => safetensors.recognise(probeOf(bytesSource(bytes), "x.bin"));

test("a file with a fitting length and an object is certain; with an impossible length it is still examined", () => {
  expect(certainty(twoTensors())).toBe("certain");
  expect(certainty(writeSafetensors({}, 0))).toBe("certain");
  expect(certainty(writeSafetensors({ a: 1 }, 0, 2n ** 63n))).toBe("likely");
  expect(certainty(writeSafetensors(` ${JSON.stringify({ a: 1 })}`, 0))).toBe("likely");
});

test("other files are not taken for safetensors", () => {
  for (const text of [
    "",
    "{}",
    '{"a": 1, "b": {"c": 2}}',
    "PK\u0003\u0004 and more bytes",
    "12345678{12}",
    "# a { b }",
  ]) {
    expect(certainty(Buffer.from(text)), text).toBe("no");
  }
});

test("reading reports what is left over", async () => {
  expect((await examine(safetensors, twoTensors())).incomplete).toEqual([]);
  expect((await examine(safetensors, Buffer.concat([twoTensors(), Buffer.from("x")]))).incomplete).toHaveLength(1);
});
