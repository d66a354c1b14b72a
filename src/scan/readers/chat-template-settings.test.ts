import { expect, test } from "vitest";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { utf8 } from "../../kit/bytes.ts";
import settings from "./chat-template-settings.ts";
import { examine, memberText } from "./testing/examine.ts";

const membersOf = async (value: unknown, name = "tokenizer_config.json"): Promise<string[][]> =>
  (await examine(settings, utf8(JSON.stringify(value)), name)).members.map((member) => [
    member.name,
    memberText(member),
  ]);

test("templates are found alone, in named lists, in objects and below other keys", async () => {
  expect(await membersOf({ chat_template: "{{ a }}" })).toEqual([["chat_template.jinja", "{{ a }}"]]);
  expect(
    await membersOf({
      chat_template: [
        { name: "default", template: "{{ a }}" },
        { name: "rag", template: "{{ b }}" },
      ],
    }),
  ).toEqual([
    ["chat_template.0.template.jinja", "{{ a }}"],
    ["chat_template.1.template.jinja", "{{ b }}"],
  ]);
  expect(await membersOf({ chat_templates: { rag: "{{ b }}" }, tokenizer: { chat_template: "{{ c }}" } })).toEqual([
    ["chat_templates.rag.jinja", "{{ b }}"],
    ["tokenizer.chat_template.jinja", "{{ c }}"],
  ]);
  expect(await membersOf({ name: "{{ a }}", model: "x" })).toEqual([]);
});

test("only JSON objects that name a template are taken", async () => {
  expect((await examine(settings, utf8('{"a": {"chat_template": "x"}}'), "any.json")).certainty).toBe("likely");
  expect((await examine(settings, utf8('{"a": 1}'), "any.json")).certainty).toBe("no");
});

test("the reference model's settings hold one ordinary template", async () => {
  const bytes = referenceModel("llm/tokenizer_config.json");
  if (bytes) expect((await examine(settings, bytes, "tokenizer_config.json")).members).toHaveLength(1);
});
