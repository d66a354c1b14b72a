import { expect, test } from "vitest";
import { assemble, op } from "../../formats/pickle/testing/assemble.ts";
import { realPickles } from "../../formats/pickle/testing/real-pickles.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { probeOf } from "../probe.ts";
import pickle from "./pickle.ts";
import { examine, memberText } from "./testing/examine.ts";

test("pickles of every protocol are recognised, the old ones without any signature", async () => {
  for (const bytes of realPickles) expect(["likely", "certain"]).toContain((await examine(pickle, bytes)).certainty);
});

test("texts and other files are not taken for pickles", async () => {
  const texts = [
    "import os\nprint(1)\n",
    "class A:\n  pass\n",
    '{"a": 1}',
    "",
    "PK\x03\x04",
    "I am\n",
    "<html>",
    "(a) b\n",
  ];
  for (const text of texts) expect(pickle.recognise(probeOf(bytesSource(Buffer.from(text)), "file")), text).toBe("no");
});

test("a text that begins like a pickle and calls nothing is refused in reading", async () => {
  await expect(examine(pickle, Buffer.from("cat\ndog\n"))).rejects.toMatchObject({ code: "MALFORMED" });
});

test("what is left over behind a pickle is said with its place", async () => {
  const { incomplete } = await examine(pickle, assemble(op.proto(2), op.none, op.stop, "left over"));
  expect(incomplete).toEqual([{ why: "Bytes behind the end of the pickle.", offset: 4, length: 9 }]);
});

test("an archive that a pickle loads in its turn is handed on to be examined", async () => {
  const bytes = assemble(
    op.global("torch.storage", "_load_from_bytes"),
    op.bytes(Buffer.from("PK\x03\x04")),
    op.tuple1,
    op.reduce,
    op.stop,
  );
  const { members, incomplete } = await examine(pickle, bytes);
  expect(incomplete).toEqual([]);
  expect(memberText(members[0])).toBe("PK\x03\x04");
});
