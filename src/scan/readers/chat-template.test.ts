import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { utf8 } from "../../kit/bytes.ts";
import { probeOf } from "../probe.ts";
import chatTemplate from "./chat-template.ts";
import { examine } from "./testing/examine.ts";

const certainty = (text: string, name: string): string =>
  chatTemplate.recognise(probeOf(bytesSource(utf8(text)), name));

test("templates are recognised where runtimes look for them", () => {
  for (const name of ["chat_template.jinja", "tokenizer.chat_template.rag.jinja", "tool_use.jinja"]) {
    expect(certainty("{{ x }}", name), name).toBe("likely");
  }
  expect(certainty("{% for m in messages %}{% endfor %}", "model.j2")).toBe("likely");
});

test("other templates and other files are left alone", () => {
  expect(certainty("{{ ansible_host }}", "hosts.j2")).toBe("no");
  expect(certainty("{{ x }}", "index.html")).toBe("no");
  expect(certainty('{"chat_template": "{{ x }}"}', "chat_template.json")).toBe("no");
  expect(certainty("\0\0", "chat_template.jinja")).toBe("no");
});

test("what cannot be followed is incomplete", async () => {
  expect((await examine(chatTemplate, utf8("{{ broken"), "chat_template.jinja")).incomplete).toHaveLength(1);
  expect((await examine(chatTemplate, utf8("{{ messages }}"), "chat_template.jinja")).incomplete).toEqual([]);
});

test("templates of other programs may use what these provide, but not reach for Python's internals", async () => {
  const page = await examine(
    chatTemplate,
    utf8("{% include 'head.html' %}{{ url_for('x') }}{{ user.name | markdown }}"),
    "page.jinja",
  );
  expect([page.structure.concerns, page.incomplete]).toEqual([[], []]);
  const evil = await examine(chatTemplate, utf8("{{ url_for['__glo' ~ 'bals__'] }}"), "page.jinja");
  expect(evil.structure.concerns.map(({ severity }) => severity)).toContain("critical");
  const chat = await examine(chatTemplate, utf8("{{ url_for(messages) }}"), "page.jinja");
  expect(chat.incomplete).toHaveLength(1);
});
