import fc from "fast-check";
import { expect, test } from "vitest";
import { isCastellanError } from "../../../kit/errors.ts";
import { mutations } from "../../../formats/reading/testing/mutations.ts";
import pmml from "../../../scan/readers/pmml.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import document from "./pmml-document.ts";

const wrap = (head: string, inside: string): Buffer =>
  Buffer.from(
    `<?xml version="1.0"?>\n${head}<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header copyright="a &amp; b"/>${inside}</PMML>\n`,
  );
const plain = wrap(
  "",
  "<!-- a --><DataDictionary><DataField name='x' optype=\"continuous\" dataType='double'/></DataDictionary>",
);

test.each([
  ["a document type", wrap('<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "<a>&x;</a>"), "high"],
  ["an inclusion", wrap("", '<xi:include href="http://x/y"/>'), "high"],
  [
    "a document type in UTF-16",
    Buffer.from(`\ufeff${wrap("<!DOCTYPE PMML SYSTEM 'x'>", "").toString()}`, "utf16le"),
    "high",
  ],
  ["a stylesheet", wrap("<?xml-stylesheet href='http://x'?>", ""), "medium"],
])("%s is reported", async (_, bytes, severity) => {
  const examined = await examine(pmml, bytes);
  expect(examined.certainty).toBe("certain");
  expect(examined.see(document)[0]?.severity).toBe(severity);
});

test("a plain document is not reported; a broken one is incomplete", async () => {
  const examined = await examine(pmml, plain);
  expect([examined.see(document), examined.incomplete]).toEqual([[], []]);
  expect((await examine(pmml, plain.subarray(0, -10))).incomplete).toHaveLength(1);
});

test("any damage ends in an answer", async () => {
  await fc.assert(
    fc.asyncProperty(mutations(wrap("<!DOCTYPE a [ <!ENTITY b 'c'> ]>", "<x y='1'>&b;</x>")), async (bytes) => {
      try {
        await examine(pmml, bytes);
      } catch (error) {
        if (!isCastellanError(error, "MALFORMED", "LIMIT")) throw error;
      }
    }),
  );
});
