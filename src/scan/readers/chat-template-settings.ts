import type { FoundTemplate } from "../../formats/jinja/settings.ts";
import { isJsonObject, parseJson } from "../../kit/json.ts";
import { fail } from "../../kit/errors.ts";
import { utf8 } from "../../kit/bytes.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    "chat-template-settings": { readonly templates: readonly FoundTemplate[] };
  }
}

const longest = 32 * 1024 * 1024;
const looked = 100 * 1024;

/** Settings of tokenizers and processors in which chat templates stand as text; each is handed on as a member. */
export default reader({
  kind: "chat-template-settings",
  title: "Settings with chat templates",
  family: "other",
  extensions: [".json"],
  recognise({ head, source, name }) {
    if (!/^(?:\xef\xbb\xbf)?\s*\{/.test(Buffer.from(head).toString("latin1"))) return "no";
    // Runtimes take templates from the files of these names only, wherever in them they stand.
    if (/^(?:tokenizer_config|processor_config|preprocessor_config|chat_template)\.json$/i.test(name)) return "likely";
    return Buffer.from(source.read(0, looked)).toString("latin1").includes('"chat_template"') ? "likely" : "no";
  },
  load: () => import("../../formats/jinja/settings.ts"),
  read({ source }, budget, { templatesIn }) {
    if (source.size > longest) fail("LIMIT", `Settings of ${source.size} bytes are not read; the bound is ${longest}`);
    budget.hold(source.size * 3);
    const settings = parseJson(source.read(0, source.size), "The settings");
    if (!isJsonObject(settings)) fail("MALFORMED", "The settings are not a JSON object");
    return { structure: { templates: templatesIn(settings, budget) }, incomplete: [] };
  },
  *members({ templates }) {
    for (const { name, text } of templates) yield { name: `${name}.jinja`, content: bytesSource(utf8(text)) };
  },
});
