import type { Concern } from "../model-config/concern.ts";
import { concernList } from "../model-config/concern.ts";
import { isAddress, leavesFolder } from "../model-config/addresses.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";

/** - "entity": the document type makes parsers expand or fetch. - "outside": it leads to other documents. - "extension": content for one vendor's engine. */
export type PmmlRule = "entity" | "outside" | "extension";

export interface PmmlDocument {
  readonly elements: number;
  readonly concerns: readonly Concern<PmmlRule>[];
  readonly gaps: readonly Gap[];
}

const deepest = 2000;
const name = /[A-Za-z_:\u0080-\uffff][\w.:\u0080-\uffff-]*/y;
const attribute = /[\s]+([A-Za-z_:\u0080-\uffff][\w.:\u0080-\uffff-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;

/**
 * Walks a PMML document with a tokenizer of its own that expands nothing. Whatever makes an ordinary XML parser do more than read
 * (document types, entities, inclusions, stylesheets) is a concern. `offset` counts characters.
 */
export function examinePmml(text: string, meter: Meter): PmmlDocument {
  const { concerns, add } = concernList<PmmlRule>();
  const gaps: Gap[] = [];
  const open: string[] = [];
  let elements = 0;
  let at = 0;
  const gap = (why: string): void => void gaps.push({ why, offset: at });
  while (at < text.length) {
    meter.tick();
    const start = text.indexOf("<", at);
    const between = text.slice(at, start < 0 ? text.length : start);
    if (open.length === 0 && /[^\s\ufeff]/.test(between)) {
      gap("text stands outside of the document's element");
      break;
    }
    const entity = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/.exec(between);
    if (entity)
      add({
        rule: "entity",
        severity: "high",
        why: "The document uses an entity of its own.",
        offset: at + entity.index,
        key: "entity reference",
      });
    if (start < 0) break;
    at = start;
    if (text.startsWith("<!--", at)) at = closed(text, at, "-->");
    else if (text.startsWith("<![CDATA[", at)) at = closed(text, at, "]]>");
    else if (text.startsWith("<!", at)) {
      const why =
        "The document declares a document type: parsers may fetch files and addresses or expand entities without end (XXE).";
      add({ rule: "entity", severity: "high", why, offset: at, key: "doctype", evidence: text.slice(at, at + 300) });
      at = doctypeEnd(text, at);
    } else if (text.startsWith("<?", at)) {
      const target = text.slice(at + 2, at + 60);
      if (!/^xml\s/.test(target))
        add({
          rule: "outside",
          severity: "medium",
          why: "The document has an instruction for its processor.",
          offset: at,
          key: "instruction",
          evidence: target,
        });
      at = closed(text, at, "?>");
    } else if (text.startsWith("</", at)) {
      const end = text.indexOf(">", at);
      if (end < 0 || text.slice(at + 2, end).trim() !== open.pop()) {
        gap("the elements of the document do not nest");
        break;
      }
      at = end + 1;
    } else {
      name.lastIndex = at + 1;
      const element = name.exec(text)?.[0];
      if (element === undefined || open.length >= deepest) {
        gap(
          element === undefined
            ? "the document is not XML from here on"
            : `elements are nested more than ${deepest} deep`,
        );
        break;
      }
      elements++;
      attribute.lastIndex = name.lastIndex;
      let end = name.lastIndex;
      for (let match = attribute.exec(text); match; match = attribute.exec(text)) {
        end = attribute.lastIndex;
        judgeAttribute(element, match[1]!, match[2] ?? match[3] ?? "", at, add);
      }
      const tail = /\s*(\/?)>/y;
      tail.lastIndex = end;
      const close = tail.exec(text);
      if (!close) {
        gap(`the element ${element.slice(0, 60)} is not XML`);
        break;
      }
      judgeElement(element, text.slice(at, at + 200), at, add);
      at = tail.lastIndex;
      if (close[1] === "") open.push(element);
    }
    if (at < 0) {
      gaps.push({ why: "the document ends in the middle", offset: start });
      break;
    }
  }
  if (gaps.length === 0 && open.length > 0)
    gaps.push({ why: "the document ends before its elements do", offset: text.length });
  return { elements, concerns, gaps };
}

type Add = (concern: Concern<PmmlRule>) => void;

function judgeAttribute(element: string, key: string, value: string, offset: number, add: Add): void {
  const plain = key.slice(key.lastIndexOf(":") + 1);
  if (
    key === "xmlns" ||
    key.startsWith("xmlns:") ||
    plain === "schemaLocation" ||
    plain === "noNamespaceSchemaLocation"
  )
    return;
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/.test(value)) {
    add({
      rule: "entity",
      severity: "high",
      why: "The document uses an entity of its own in an attribute.",
      offset,
      key: "entity reference",
    });
  }
  if (/^(?:href|url|uri|src|location|file|path)$/i.test(plain) && (isAddress(value) || leavesFolder(value))) {
    add({
      rule: "outside",
      severity: "high",
      why: `${element.slice(0, 60)} leads to ${value.slice(0, 200)}.`,
      offset,
      key: value.slice(0, 200),
    });
  }
}

function judgeElement(element: string, shown: string, offset: number, add: Add): void {
  const plain = element.slice(element.lastIndexOf(":") + 1);
  if (plain === "include" || plain === "fallback" || plain === "import" || plain === "stylesheet") {
    add({
      rule: "outside",
      severity: "high",
      why: `The element ${element.slice(0, 60)} brings in another document.`,
      offset,
      key: plain,
      evidence: shown,
    });
  } else if (/^(?:script|java|class|object|method|void|exec|code)$/i.test(plain)) {
    add({
      rule: "extension",
      severity: "high",
      why: `The element ${element.slice(0, 60)} is none of PMML and by its name holds code.`,
      offset,
      key: plain,
      evidence: shown,
    });
  } else if (plain === "TableLocator") {
    add({
      rule: "outside",
      severity: "medium",
      why: "A table of the model lies outside of the document.",
      offset,
      key: plain,
      evidence: shown,
    });
  } else if (plain === "Extension") {
    add({
      rule: "extension",
      severity: "info",
      why: "The document holds extensions, which only some vendor's engine reads.",
      offset,
      key: plain,
      evidence: shown,
    });
  }
}

function closed(text: string, at: number, mark: string): number {
  const end = text.indexOf(mark, at);
  return end < 0 ? -1 : end + mark.length;
}

function doctypeEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === "<" || character === "[") depth++;
    else if (character === "]") depth--;
    else if (character === ">" && --depth <= 0) return at + 1;
  }
  return -1;
}
