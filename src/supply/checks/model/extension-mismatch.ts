import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";

/**
 * The name promises one format, the bytes are another. Loaders choose by either, and people and filters by the name: a pickle called
 * model.safetensors passes every rule that allows safetensors only.
 */
export default check({
  id: "supply/model/extension-mismatch",
  asks: "model-file",
  title: "The file's content is not what its name says",
  severity: "medium",
  refs: ["cwe:434", "cwe:646", "atlas:AML.T0074"],
  fix: "Find out who renamed it and why; give it the name of what it is, or replace it by what its name says.",
  details:
    "Formats are recognised by content. It is a finding when a file carries an extension that belongs to model or archive formats " +
    "and its content is none of those. It is worse (high) when the name says a format that cannot run code and the content is one " +
    "that can.",
  *see(asset) {
    const { extension, formats, expected } = asset.structure;
    if (expected.length === 0 || formats.length === 0) return;
    if (formats.some(({ kind }) => expected.some((other) => other.kind === kind))) return;
    const is = formats.map(({ title }) => title).join(" and ");
    const promised = expected.map(({ title }) => title).join(" or ");
    const disguised = formats.some(({ runsCode }) => runsCode) && !expected.some(({ runsCode }) => runsCode);
    yield finding({
      why: `it is called ${extension}, which is the name of ${promised}, but its content is ${is}`,
      severity: disguised ? "high" : "medium",
      key: `${extension} ${formats.map(({ kind }) => kind).join(",")}`,
    });
  },
});
