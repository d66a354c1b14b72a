import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { writeGguf } from "../../formats/gguf/testing/write.ts";
import { probeOf } from "../probe.ts";
import gguf from "./gguf.ts";
import { examine, memberText } from "./testing/examine.ts";

test("every chat template is a member, under its key", async () => {
  const bytes = writeGguf({
    metadata: [
      ["tokenizer.chat_template", { type: "string", value: "{{ a }}" }],
      ["tokenizer.chat_template.tool_use", { type: "string", value: "{{ b }}" }],
    ],
  });
  const { certainty, incomplete, members } = await examine(gguf, bytes);
  expect([certainty, incomplete]).toEqual(["certain", []]);
  expect(members.map((member) => [member.name, memberText(member)])).toEqual([
    ["tokenizer.chat_template.jinja", "{{ a }}"],
    ["tokenizer.chat_template.tool_use.jinja", "{{ b }}"],
  ]);
});

test("only the magic makes a file GGUF", () => {
  expect(gguf.recognise(probeOf(bytesSource(Buffer.from("GGUF")), "x.gguf"))).toBe("certain");
  expect(gguf.recognise(probeOf(bytesSource(Buffer.from("GGML1234")), "x.gguf"))).toBe("no");
});
