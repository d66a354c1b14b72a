import { jsonArray, jsonObject, jsonString } from "../../kit/json.ts";
import { escapeHtml } from "../../report/html/escape.ts";
import { htmlPage } from "../../report/html/page.ts";
import { htmlTable } from "../../report/html/table.ts";
import { parseEnvelope, payloadOf } from "../../seal/dsse.ts";
import { parseStatement } from "../../seal/in-toto.ts";
import type { StatementRow } from "../../store/repository.ts";

/** The certificate of destruction as a page that prints: what was destroyed, what that proves, what it does not. */
export function certificatePage(statement: StatementRow): string {
  const envelope = parseEnvelope(statement.envelope);
  const predicate = jsonObject(parseStatement(payloadOf(envelope)).predicate, "the erasure");
  const text = (key: string): string => jsonString(predicate[key], key);
  const list = (key: string): string =>
    `<ul>${jsonArray(predicate[key], key)
      .map((item) => `<li>${escapeHtml(jsonString(item, key))}</li>`)
      .join("")}</ul>`;
  const objects = jsonArray(predicate["objects"], "objects").map((item) => {
    const { path, ciphertextDigest } = jsonObject(item, "object");
    return [
      jsonString(path, "path"),
      { text: typeof ciphertextDigest === "string" ? ciphertextDigest : "was no longer there", class: "digest" },
    ];
  });
  const body = `
<h2>What was destroyed</h2>${htmlTable(["file", "ciphertext that was deleted"], objects)}
<h2>Made from it</h2>${jsonArray(predicate["affected"], "affected").length === 0 ? "<p>Nothing on record.</p>" : list("affected")}
<h2>What this proves</h2>${list("proves")}
<h2>What this does not prove</h2>${list("doesNotProve")}
<h2>How to check it</h2>
${htmlTable(
  ["", ""],
  [
    ["statement", { text: statement.digest, class: "digest" }],
    ["position on the log", String(statement.logIndex ?? "not on the log")],
    ["signed by", { text: envelope.signatures.map(({ keyid }) => keyid).join(", "), class: "digest" }],
  ],
)}`;
  return htmlPage({
    title: `Certificate of destruction: ${text("name")}`,
    lead: `${text("version")}, erased ${text("erasedAt")}. Reason: ${text("why")}`,
    body,
    footer: "Written by castellan from the signed statement named above.",
  });
}
