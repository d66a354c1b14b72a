import { fail } from "../../kit/errors.ts";
import type { PmmlDocument } from "../../formats/pmml/examine.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    pmml: PmmlDocument;
  }
}

const longest = 48 * 1024 * 1024;

/** PMML documents, in UTF-8 or UTF-16. */
export default reader({
  kind: "pmml",
  title: "PMML",
  family: "model",
  extensions: [".pmml"],
  recognise({ head, source }) {
    const start = Buffer.from(head.filter((byte) => byte !== 0)).toString("latin1");
    if (!/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*</.test(start)) return "no";
    if (/<(?:[\w.-]+:)?PMML[\s>]|<!DOCTYPE\s+(?:[\w.-]+:)?PMML/.test(start) || start.includes("dmg.org/PMML"))
      return "certain";
    const more =
      source.size > head.length
        ? Buffer.from(source.read(0, 100_000).filter((byte) => byte !== 0)).toString("latin1")
        : "";
    return /<(?:[\w.-]+:)?PMML[\s>]/.test(more) ? "certain" : "no";
  },
  load: () => import("../../formats/pmml/examine.ts"),
  read({ source, head }, budget, { examinePmml }) {
    if (source.size > longest) fail("LIMIT", `PMML of ${source.size} bytes is not read; the bound is ${longest}`);
    budget.hold(source.size * 2);
    const bytes = Buffer.from(source.read(0, source.size));
    const big = (head[0] === 0xfe && head[1] === 0xff) || (head[0] === 0 && head[1] === 0x3c);
    const little = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0x3c && head[1] === 0);
    if ((big || little) && bytes.length % 2 === 1) fail("MALFORMED", "The text ends in the middle of a character");
    const text = big ? Buffer.from(bytes).swap16().toString("utf16le") : bytes.toString(little ? "utf16le" : "utf8");
    const structure = examinePmml(text, budget);
    const declared = /^\ufeff?<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)/.exec(text)?.[1]?.toLowerCase() ?? "utf-8";
    const known = /^(?:utf-?8|us-ascii|ascii|utf-?16(?:le|be)?|iso-8859-1|latin-?1|windows-1252)$/.test(declared);
    const gaps = known
      ? structure.gaps
      : [...structure.gaps, { why: `the document is written in ${declared}, which is not read here` }];
    return { structure, incomplete: gaps };
  },
});
