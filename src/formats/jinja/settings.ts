import { isJsonObject } from "../../kit/json.ts";
import type { Meter } from "../reading/meter.ts";

/** A chat template found in a settings file. */
export interface FoundTemplate {
  /** Where it stands, as keys joined by dots: "chat_template", "chat_template.1.tool_use". */
  readonly name: string;
  readonly text: string;
}

const deepest = 32;
const mostTemplates = 1000;

/**
 * Every text in parsed settings (tokenizer_config.json, processor_config.json, chat_template.json …) that stands under a key naming a
 * template, at any depth: alone, in a list of named templates, or in an object from names to templates.
 */
export function templatesIn(settings: unknown, meter: Meter): readonly FoundTemplate[] {
  const found: FoundTemplate[] = [];
  const walk = (value: unknown, path: readonly string[], inside: boolean): void => {
    meter.tick();
    if (path.length > deepest || found.length >= mostTemplates) return;
    if (typeof value === "string") {
      // Beside the template itself, a list entry holds the template's name, which is no template.
      if (inside && (path.at(-1) !== "name" || /\{[{%]/.test(value))) found.push({ name: path.join("."), text: value });
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, [...path, String(index)], inside);
    } else if (isJsonObject(value)) {
      for (const [key, item] of Object.entries(value))
        walk(item, [...path, key], inside || /chat_?template|template_?text/i.test(key));
    }
  };
  walk(settings, [], false);
  return found;
}
