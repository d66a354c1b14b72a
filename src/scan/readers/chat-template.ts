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
const chatNamed = /chat_?template/i;
/** What chat templates are given; templates of other programs have functions and files of their own. */
const chatWords = /\b(?:messages|add_generation_prompt|bos_token|eos_token|raise_exception|tools|documents)\b/;

/** Chat templates: files of their own, and members of the models and settings that carry them. */
export default reader({
  kind: "chat-template",
  title: "Chat template (Jinja)",
  family: "other",
  extensions: [".jinja"],
  // Text has no signature, and a template may lack every tag: its name decides whether this is a template at all, as it does for
  // the runtimes that load it.
  recognise({ head, name, extension }) {
    const named = chatNamed.test(name) || extension === ".jinja";
    const other = extension === ".jinja2" || extension === ".j2" || extension === ".tmpl";
    if (!named && !other) return "no";
    if (head.includes(0) || /\.json$/i.test(name)) return "no";
    if (named) return "likely";
    return Buffer.from(head).toString("latin1").includes("messages") ? "likely" : "no";
  },
  load: () => import("../../formats/jinja/judge.ts"),
  comments: ["{#"],
  read({ source, name }: Probe<never>, budget, { judgeTemplate }) {
    if (source.size > longest)
      fail("LIMIT", `A template of ${source.size} bytes is not followed; the bound is ${longest}`);
    budget.hold(source.size * 3);
    const text = textOf(source.read(0, source.size), "The template");
    const { concerns, gaps } = judgeTemplate(text, budget);
    if (chatNamed.test(name) || chatWords.test(text) || concerns.length === 0) {
      return { structure: { concerns, gaps, text }, incomplete: gaps };
    }
    // Elsewhere, functions and files nobody knows here are what the program around the template provides.
    const own = concerns.filter(({ kind }) => kind !== "unknown" && kind !== "loads");
    const left = gaps.filter(({ kind }) => kind !== "provided");
    return { structure: { concerns: own, gaps: left, text }, incomplete: left };
  },
});
