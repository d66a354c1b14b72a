import { describe, expect, test } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import { isCastellanError } from "../kit/errors.ts";
import { appendSignatures, cosigner, cosignerVkeyOf, parseNote, parseVkey, signatureLine, vkeyOf } from "./note.ts";
import { checkQuorum, cosignersOf, quorumOf } from "./quorum.ts";
import { memoryLog } from "./testing/memory-log.ts";
import { freshSigner } from "./testing/signers.ts";

const now = 1_800_000_000_000;

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isCastellanError(error) ? error.code : String(error);
  }
  return "none";
}

function witnessAt(name: string, time = now) {
  const signer = freshSigner();
  const me = cosigner(name, signer, { now: () => time });
  return {
    signer,
    vkey: cosignerVkeyOf(name, signer.publicKey),
    line: async (note: string) => signatureLine(name, me.keyId, await me.sign(utf8(parseNote(note).text))),
  };
}

describe("the n-of-m rule", () => {
  test("is met by n of the witnesses and by no fewer", async () => {
    const note = await memoryLog().append("a").checkpoint();
    const [a, b, c] = [witnessAt("a"), witnessAt("b"), witnessAt("c")];
    const two = quorumOf({ n: 2, witnesses: [a.vkey, b.vkey, c.vkey] });
    const one = appendSignatures(note, [await a.line(note)]);
    expect(codeOf(() => checkQuorum(note, two))).toBe("SIGNATURE");
    expect(codeOf(() => checkQuorum(one, two))).toBe("SIGNATURE");
    const both = appendSignatures(one, [await c.line(note)]);
    expect(checkQuorum(both, two).map(({ name }) => name)).toEqual(["a", "c"]);
  });

  test("counts a witness once however often it signed", async () => {
    const note = await memoryLog().append("a").checkpoint();
    const signer = freshSigner();
    const lines = await Promise.all(
      [now, now + 5000].map(async (time) => {
        const me = cosigner("a", signer, { now: () => time });
        return signatureLine("a", me.keyId, await me.sign(utf8(parseNote(note).text)));
      }),
    );
    const signed = appendSignatures(note, lines);
    const a = cosignerVkeyOf("a", signer.publicKey);
    expect(cosignersOf(signed, [parseVkey(a)])).toEqual([{ name: "a", timestamp: (now + 5000) / 1000 }]);
    const two = quorumOf({ n: 2, witnesses: [a, witnessAt("b").vkey] });
    expect(codeOf(() => checkQuorum(signed, two))).toBe("SIGNATURE");
  });

  test("may not list a key twice, under another name or type either", () => {
    const signer = freshSigner();
    const key = cosignerVkeyOf("a", signer.publicKey);
    for (const again of [key, cosignerVkeyOf("b", signer.publicKey), vkeyOf("a", signer.publicKey)])
      expect(codeOf(() => quorumOf({ n: 1, witnesses: [key, again] }))).toBe("CONFIG");
  });

  test("may not make the log its own witness", () => {
    const log = memoryLog();
    const witnesses = [cosignerVkeyOf("w", log.signer.publicKey)];
    expect(codeOf(() => quorumOf({ n: 1, witnesses }, parseVkey(log.vkey)))).toBe("CONFIG");
  });

  test.each([0, -1, 3, 1.5, Number.NaN])("of n = %s over two witnesses makes no sense", (n) => {
    const witnesses = [witnessAt("a").vkey, witnessAt("b").vkey];
    expect(codeOf(() => quorumOf({ n, witnesses }))).toBe("CONFIG");
  });

  test("refuses the whole note when one of its witnesses' signatures is wrong", async () => {
    const note = await memoryLog().append("a").checkpoint();
    const [a, b] = [witnessAt("a"), witnessAt("b")];
    const other = await memoryLog().append("b").checkpoint();
    const signed = appendSignatures(note, [await a.line(note), await b.line(other)]);
    expect(codeOf(() => checkQuorum(signed, quorumOf({ n: 1, witnesses: [a.vkey, b.vkey] })))).toBe("SIGNATURE");
  });

  test("with a maximum age counts neither old cosignatures nor ones from the future", async () => {
    const note = await memoryLog().append("a").checkpoint();
    const old = witnessAt("old", now - 3_600_001);
    const early = witnessAt("early", now + 600_000);
    const good = witnessAt("good", now - 3_599_000);
    const rule = { n: 1, witnesses: [old.vkey, early.vkey, good.vkey], maxAgeMs: 3_600_000 };
    const stale = appendSignatures(note, [await old.line(note), await early.line(note)]);
    const clock = { now: () => now };
    expect(codeOf(() => checkQuorum(stale, quorumOf(rule), clock))).toBe("EXPIRED");
    const fresh = appendSignatures(stale, [await good.line(note)]);
    expect(checkQuorum(fresh, quorumOf(rule), clock).map(({ name }) => name)).toEqual(["good"]);
  });

  test("with a maximum age cannot be asked of keys that state no time", () => {
    const witnesses = [vkeyOf("a", freshSigner().publicKey)];
    expect(codeOf(() => quorumOf({ n: 1, witnesses, maxAgeMs: 1000 }))).toBe("CONFIG");
  });
});
