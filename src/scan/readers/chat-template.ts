import type { JudgedTemplate } from "../../formats/jinja/judge.ts";
import { textOf } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import { reader } from "../reader.ts";
import type { Probe } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    "chat-template": JudgedTemplate & { readonly text: string };
  }
}

const longest = 4 * 1024 * 1024;

/** Chat templates: files of their own, and members of the models and settings that carry them. */
export default reader({
  kind: "chat-template",
  title: "Chat template (Jinja)",
  family: "other",
  extensions: [".jinja", ".jinja2", ".j2"],
  // Text has no signature, and a template may lack every tag: its name decides whether this is a template at all, as it does for
  // the runtimes that load it.
  recognise({ head, name, extension }) {
    const named = /chat_?template/i.test(name) || extension === ".jinja";
    const other = extension === ".jinja2" || extension === ".j2" || extension === ".tmpl";
    if (!named && !other) return "no";
    if (head.includes(0) || /\.json$/i.test(name)) return "no";
    if (named) return "likely";
    return Buffer.from(head).toString("latin1").includes("messages") ? "likely" : "no";
  },
  load: () => import("../../formats/jinja/judge.ts"),
  comments: ["{#"],
  read({ source }: Probe<never>, budget, { judgeTemplate }) {
    if (source.size > longest)
      fail("LIMIT", `A template of ${source.size} bytes is not followed; the bound is ${longest}`);
    budget.hold(source.size * 3);
    const text = textOf(source.read(0, source.size), "The template");
    const judged = judgeTemplate(text, budget);
    return { structure: { ...judged, text }, incomplete: judged.gaps };
  },
});
