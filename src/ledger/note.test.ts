import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, toBase64, utf8 } from "../kit/bytes.ts";
import { CastellanError, isCastellanError } from "../kit/errors.ts";
import {
  appendSignatures,
  cosigner,
  cosignerVkeyOf,
  ed25519NoteSigner,
  noteLimits,
  openNote,
  parseNote,
  parseVkey,
  signatureLine,
  signNote,
  verifyNote,
  vkeyOf,
} from "./note.ts";
import { freshSigner } from "./testing/signers.ts";

// The key and note that the Go reference implementation documents (golang.org/x/mod/sumdb/note).
const publishedKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const publishedText =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const publishedLine =
  "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/** The code of the error `work` throws. */
function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isCastellanError(error) ? error.code : String(error);
  }
  return "none";
}

async function signedBy(names: readonly string[], text = "hello\n") {
  const signers = names.map((name) => ({ name, signer: freshSigner() }));
  const note = await signNote(
    text,
    signers.map(({ name, signer }) => ed25519NoteSigner(name, signer)),
  );
  return { note, verifiers: signers.map(({ name, signer }) => parseVkey(vkeyOf(name, signer.publicKey))) };
}

describe("published facts", () => {
  test("the documented Go note verifies with its documented key", () => {
    const { text, verified } = openNote(`${publishedText}\n${publishedLine}`, [parseVkey(publishedKey)]);
    expect(text).toBe(publishedText);
    expect(verified.map(({ name }) => name)).toEqual(["PeterNeumann"]);
  });

  test("a changed letter of the documented note is refused", () => {
    const note = `${publishedText.replace("think", "thunk")}\n${publishedLine}`;
    expect(codeOf(() => openNote(note, [parseVkey(publishedKey)]))).toBe("SIGNATURE");
  });

  test.each([
    "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    "rgdd.se/poc-witness+db03732e+BCjJKlo6BU0xfIb8LutqerIFTWIXEA0L5n3tW3QyPFgG",
  ])("the key id of the public key %s is the one published", (vkey) => {
    expect(parseVkey(vkey).name).toBe(vkey.split("+")[0]);
  });
});

describe("vkeys", () => {
  test("survive a round trip for both types", () => {
    const { publicKey } = freshSigner();
    expect(parseVkey(vkeyOf("a.example", publicKey)).type).toBe(1);
    expect(parseVkey(cosignerVkeyOf("a.example", publicKey)).type).toBe(4);
  });

  test.each([
    ["nothing at all", ""],
    ["a missing part", "PeterNeumann+c74f20a3"],
    ["no name", publishedKey.slice("PeterNeumann".length)],
    ["a space in the name", publishedKey.replace("PeterN", "Peter N")],
    ["another name", publishedKey.replace("Peter", "Petra")],
    ["another key id", publishedKey.replace("c74f20a3", "c74f20a4")],
    ["an upper-case key id", publishedKey.replace("c74f20a3", "C74F20A3")],
    ["a shorter key", publishedKey.slice(0, -4)],
    ["white space behind", `${publishedKey} `],
    ["a newline behind", `${publishedKey}\n`],
    ["unpadded or odd base64", `${publishedKey}=`],
  ])("with %s are refused", (_, vkey) => {
    expect(codeOf(() => parseVkey(vkey))).toBe("MALFORMED");
  });

  test("of unknown types are refused as unsupported", () => {
    const key = `a+00000000+${toBase64(concat(Uint8Array.of(6), new Uint8Array(32)))}`;
    expect(codeOf(() => parseVkey(key))).toBe("UNSUPPORTED");
  });

  test("never crash the parser", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), mutated(publishedKey));
    fc.assert(fc.property(text, (vkey) => failsCleanly(() => parseVkey(vkey))));
  });
});

describe("notes", () => {
  test("open for every key that signed them", async () => {
    const { note, verifiers } = await signedBy(["a.example", "b.example"]);
    expect(openNote(note, verifiers).verified.map(({ name }) => name)).toEqual(["a.example", "b.example"]);
    expect(openNote(utf8(note), [verifiers[1]!]).text).toBe("hello\n");
  });

  test("may hold empty lines, which belong to the text", async () => {
    const { note, verifiers } = await signedBy(["a.example"], "one\n\ntwo\n\n");
    expect(openNote(note, verifiers).text).toBe("one\n\ntwo\n\n");
  });

  test("signed only by strangers are refused, and said to be unsigned where that is fine", async () => {
    const { note } = await signedBy(["a.example"]);
    const { verifiers } = await signedBy(["a.example"]);
    expect(codeOf(() => openNote(note, verifiers))).toBe("SIGNATURE");
    expect(verifyNote(note, verifiers).verified).toEqual([]);
  });

  test("with a wrong signature of a known key are refused although another key's is good", async () => {
    const { note, verifiers } = await signedBy(["a.example", "b.example"]);
    const forged = signatureLine("b.example", verifiers[1]!.keyId, new Uint8Array(64));
    const bad = note.replace(/^\u2014 b\.example .*\n/mu, forged);
    expect(codeOf(() => openNote(bad, verifiers))).toBe("SIGNATURE");
    expect(openNote(bad, [verifiers[0]!]).verified).toHaveLength(1);
  });

  test("count a key once although its line stands there twice", async () => {
    const { note, verifiers } = await signedBy(["a.example"]);
    const line = note.slice(note.lastIndexOf("\u2014"));
    expect(openNote(note + line, verifiers).verified).toHaveLength(1);
  });

  test("take further lines once each and keep verifying", async () => {
    const { note, verifiers } = await signedBy(["a.example"]);
    const witness = freshSigner();
    const me = cosigner("w.example", witness, { now: () => 1_700_000_000_500 });
    const line = signatureLine(me.name, me.keyId, await me.sign(utf8("hello\n")));
    const more = appendSignatures(note, [line, line]);
    const keys = [...verifiers, parseVkey(cosignerVkeyOf("w.example", witness.publicKey))];
    expect(openNote(more, keys).verified[1]?.timestamp).toBe(1_700_000_000);
    expect(appendSignatures(more, [line])).toBe(more);
  });

  test.each([
    ["no blank line", "text\n\u2014 a AAAAAAA=\n"],
    ["no signature", "text\n\n"],
    ["nothing", ""],
    ["no newline at the end", "text\n\n\u2014 a AAAAAAA="],
    ["a hyphen in place of the dash", "text\n\n- a AAAAAAA=\n"],
    ["a second space", "text\n\n\u2014 a  AAAAAAA=\n"],
    ["no key name", "text\n\n\u2014  AAAAAAA=\n"],
    ["a plus in the key name", "text\n\n\u2014 a+b AAAAAAA=\n"],
    ["a no-break space in the key name", "text\n\n\u2014 a\u00a0b AAAAAAA=\n"],
    ["bad base64", "text\n\n\u2014 a AAAAAA*=\n"],
    ["base64 with stray bits", "text\n\n\u2014 a AAAAAAB=\n"],
    ["no signature bytes", "text\n\n\u2014 a AAAAAA==\n"],
    ["a carriage return", "text\r\n\n\u2014 a AAAAAAA=\n"],
    ["a tab", "te\txt\n\n\u2014 a AAAAAAA=\n"],
    ["a NUL", "te\0xt\n\n\u2014 a AAAAAAA=\n"],
    ["words between the signatures", "text\n\n\u2014 a AAAAAAA=\nand\n\u2014 b AAAAAAA=\n"],
  ])("with %s are malformed", (_, note) => {
    expect(codeOf(() => parseNote(note))).toBe("MALFORMED");
  });

  test("that are not UTF-8 are malformed", () => {
    expect(codeOf(() => parseNote(concat(utf8("te"), Uint8Array.of(0xff), utf8("xt\n\n\u2014 a AAAAAAA=\n"))))).toBe(
      "MALFORMED",
    );
  });

  test("keep a byte order mark as part of the text", () => {
    const note = `\ufefftext\n\n\u2014 a AAAAAAA=\n`;
    expect(parseNote(utf8(note)).text).toBe("\ufefftext\n");
  });

  test("of too many bytes or signatures are not read", () => {
    expect(codeOf(() => parseNote("x".repeat(noteLimits.bytes + 1)))).toBe("LIMIT");
    expect(codeOf(() => parseNote(`text\n\n${"\u2014 a AAAAAAA=\n".repeat(noteLimits.signatures + 1)}`))).toBe("LIMIT");
    expect(parseNote(`text\n\n${"\u2014 a AAAAAAA=\n".repeat(noteLimits.signatures)}`).signatures).toHaveLength(100);
  });

  test("are not made of text that could not be read back", async () => {
    const signer = ed25519NoteSigner("a.example", freshSigner());
    for (const text of ["no newline", "tab\t\n", "\ud800\n", ""])
      await expect(signNote(text, [signer])).rejects.toMatchObject({ code: "MALFORMED" });
    await expect(signNote("x\n", [])).rejects.toMatchObject({ code: "USAGE" });
    expect(codeOf(() => ed25519NoteSigner("a b", freshSigner()))).toBe("USAGE");
  });

  test("never crash the parser, whatever the bytes", () => {
    const key = parseVkey(publishedKey);
    const whole = `${publishedText}\n${publishedLine}`;
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), mutated(whole).map(utf8)), (bytes) =>
        failsCleanly(() => openNote(bytes, [key])),
      ),
    );
  });

  test("verify for any text that may be signed", async () => {
    const signer = freshSigner();
    const key = parseVkey(vkeyOf("a.example", signer.publicKey));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (words) => {
        // oxlint-disable-next-line no-control-regex
        const text = `${words.replaceAll(/[\u0000-\u001f]/g, "\n")}\n`;
        const note = await signNote(text, [ed25519NoteSigner("a.example", signer)]);
        expect(openNote(utf8(note), [key]).text).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});

/** `text` with a piece cut out, doubled or replaced. */
function mutated(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(text.length), fc.nat(20), fc.string({ unit: "binary", maxLength: 5 }))
    .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
}

/** True when `work` returns or throws one of our errors. */
function failsCleanly(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    return error instanceof CastellanError && error.code !== "INTERNAL";
  }
}
