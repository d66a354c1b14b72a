import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import { CastellanError, isCastellanError } from "../kit/errors.ts";
import { appendSignatures, cosigner, cosignerVkeyOf, parseNote, signatureLine } from "./note.ts";
import { parseTlogProof, tlogProofVerifier, verifyTlogProof, writeTlogProof } from "./proof-file.ts";
import { memoryLog } from "./testing/memory-log.ts";
import { freshSigner } from "./testing/signers.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isCastellanError(error) ? error.code : String(error);
  }
  return "none";
}

async function proven(index: number, size: number, extra?: Uint8Array) {
  const log = memoryLog().append(...Array.from({ length: size }, (_, i) => `entry ${i}`));
  const checkpoint = await log.checkpoint();
  const proof = await log.inclusionProof(index, size);
  const text = writeTlogProof({ index, proof, checkpoint, ...(extra ? { extra } : {}) });
  return { log, checkpoint, proof, text, entry: log.entries[index]! };
}

describe("proof files", () => {
  test("have the published form", async () => {
    const { text, checkpoint, proof } = await proven(2, 3, utf8("more"));
    const hash = Buffer.from(proof[0]!).toString("base64");
    expect(text).toBe(`c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 2\n${hash}\n\n${checkpoint}`);
  });

  test("of a log with one entry carry no hash", async () => {
    const { text, log, entry, checkpoint } = await proven(0, 1);
    expect(text).toBe(`c2sp.org/tlog-proof@v1\nindex 0\n\n${checkpoint}`);
    expect(verifyTlogProof(text, entry, { logKey: log.vkey })).toMatchObject({ index: 0, size: 1, cosignedBy: [] });
  });

  test("prove every entry of logs of many sizes and survive a round trip", async () => {
    for (const size of [1, 2, 3, 7, 8, 13]) {
      for (let index = 0; index < size; index++) {
        const { text, entry, log } = await proven(index, size);
        expect(writeTlogProof(parseTlogProof(text))).toBe(text);
        const said = verifyTlogProof(text, entry, { logKey: log.vkey });
        expect(said).toMatchObject({ index, size, origin: "example.com/log" });
        expect(Buffer.compare(said.root, log.root())).toBe(0);
      }
    }
  });

  test("do not prove another entry, index, tree or log", async () => {
    const { text, entry, log, checkpoint, proof } = await proven(4, 9);
    const trust = { logKey: log.vkey };
    expect(codeOf(() => verifyTlogProof(text, utf8("entry 5"), trust))).toBe("INTEGRITY");
    for (const index of [0, 3, 5, 8, 9, 4 + 16])
      expect(codeOf(() => verifyTlogProof(writeTlogProof({ index, proof, checkpoint }), entry, trust))).toBe(
        "INTEGRITY",
      );
    const short = writeTlogProof({ index: 4, proof: proof.slice(1), checkpoint });
    expect(codeOf(() => verifyTlogProof(short, entry, trust))).toBe("INTEGRITY");
    const other = await memoryLog("example.com/log", log.signer).append("x").checkpoint();
    expect(codeOf(() => verifyTlogProof(writeTlogProof({ index: 4, proof, checkpoint: other }), entry, trust))).toBe(
      "INTEGRITY",
    );
    expect(codeOf(() => verifyTlogProof(text, entry, { logKey: memoryLog().vkey }))).toBe("SIGNATURE");
  });

  test("are good only with as many cosignatures as asked for", async () => {
    const { text, entry, log, checkpoint, proof } = await proven(4, 9);
    const keys = [freshSigner(), freshSigner()];
    const witnesses = keys.map((signer, i) => cosignerVkeyOf(`w${i}`, signer.publicKey));
    const me = cosigner("w0", keys[0]!, { now: () => 0 });
    const line = signatureLine("w0", me.keyId, await me.sign(utf8(parseNote(checkpoint).text)));
    const cosigned = writeTlogProof({ index: 4, proof, checkpoint: appendSignatures(checkpoint, [line]) });
    const logKey = log.vkey;
    expect(codeOf(() => verifyTlogProof(text, entry, { logKey, witnesses, quorum: 1 }))).toBe("SIGNATURE");
    expect(verifyTlogProof(cosigned, entry, { logKey, witnesses, quorum: 1 }).cosignedBy).toEqual(["w0"]);
    expect(codeOf(() => verifyTlogProof(cosigned, entry, { logKey, witnesses }))).toBe("SIGNATURE");
    expect(codeOf(() => verifyTlogProof(cosigned, entry, { logKey, quorum: 1 }))).toBe("CONFIG");
    const self = [cosignerVkeyOf("self", log.signer.publicKey)];
    expect(codeOf(() => verifyTlogProof(cosigned, entry, { logKey, witnesses: self }))).toBe("CONFIG");
  });

  test("checked one after the other are each held to their own checkpoint", async () => {
    const { log, checkpoint } = await proven(0, 9);
    const check = tlogProofVerifier({ logKey: log.vkey });
    const proofOf = async (index: number, note: string): Promise<string> =>
      writeTlogProof({ index, proof: await log.inclusionProof(index, 9), checkpoint: note });
    for (const index of [0, 5, 8])
      expect(check(await proofOf(index, checkpoint), log.entries[index]!)).toMatchObject({ index, size: 9 });
    const forged = await proofOf(5, checkpoint.replace("\n9\n", "\n8\n"));
    expect(codeOf(() => check(forged, log.entries[5]!))).toBe("SIGNATURE");
    expect(codeOf(() => check(forged, log.entries[5]!))).toBe("SIGNATURE");
    const again = await proofOf(5, checkpoint);
    expect(check(again, log.entries[5]!).index).toBe(5);
    expect(codeOf(() => check(again, log.entries[4]!))).toBe("INTEGRITY");
  });

  test.each<[string, (text: string) => string]>([
    ["another first line", (text) => text.replace("@v1", "@v2")],
    ["no index", (text) => text.replace(/index .*\n/, "")],
    ["a leading zero in the index", (text) => text.replace("index 4", "index 04")],
    ["a negative index", (text) => text.replace("index 4", "index -4")],
    ["an index beyond 2^53 - 1", (text) => text.replace("index 4", "index 99999999999999999999")],
    ["the extra line after the index", (text) => text.replace("index 4\n", "index 4\nextra AAAA\n")],
    ["two extra lines", (text) => text.replace("index 4\n", "extra AAAA\nextra AAAA\nindex 4\n")],
    ["bad base64 in extra", (text) => text.replace("index 4\n", "extra A\nindex 4\n")],
    ["a short hash", (text) => text.replace("index 4\n", "index 4\nAAAA\n")],
    ["too many hashes", (text) => text.replace("index 4\n", `index 4\n${`${"A".repeat(43)}=\n`.repeat(64)}`)],
    ["carriage returns", (text) => text.replaceAll("\n", "\r\n")],
    ["no checkpoint", (text) => text.slice(0, text.indexOf("\n\n") + 2)],
    ["no blank line", (text) => text.replaceAll("\n\n", "\n")],
    ["a checkpoint cut short", (text) => text.slice(0, -1)],
  ])("with %s are malformed", async (_, spoil) => {
    const { text, entry, log } = await proven(4, 9);
    expect(spoil(text)).not.toBe(text);
    expect(codeOf(() => verifyTlogProof(spoil(text), entry, { logKey: log.vkey }))).toBe("MALFORMED");
  });

  test("refuse every flip of one character, except in what nothing authenticates", async () => {
    const { text, entry, log } = await proven(4, 9);
    for (let at = 0; at < text.length; at++) {
      const flipped = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
      expect(
        codeOf(() => verifyTlogProof(flipped, entry, { logKey: log.vkey })),
        `at ${at}`,
      ).not.toBe("none");
    }
  });

  test("never crash the parser", async () => {
    const { text } = await proven(4, 9);
    const bad = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .tuple(fc.nat(text.length), fc.nat(30), fc.string({ unit: "binary", maxLength: 5 }))
        .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut)),
    );
    fc.assert(
      fc.property(bad, (spoilt) => {
        try {
          parseTlogProof(spoilt);
        } catch (error) {
          return error instanceof CastellanError && ["MALFORMED", "LIMIT"].includes(error.code);
        }
        return true;
      }),
    );
  });
});
