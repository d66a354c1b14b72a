import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Envelope } from "../core/statement.ts";
import { toBase64, utf8 } from "../kit/bytes.ts";
import { pae, parseEnvelope, signEnvelope, verifyEnvelope } from "./dsse.ts";
import { generateKey, signerOf } from "./keys.ts";

const alice = generateKey("ecdsa-p256");
const bob = generateKey("ed25519");
const eve = generateKey("ecdsa-p384");
const signers = [signerOf(alice.privateKey), signerOf(bob.privateKey)] as const;

const encode = (envelope: unknown): Uint8Array => utf8(JSON.stringify(envelope));

describe("the pre-authentication encoding", () => {
  test("is that of the DSSE specification", () => {
    expect(Buffer.from(pae("http://example.com/HelloWorld", utf8("hello world"))).toString()).toBe(
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    );
    expect(Buffer.from(pae("", utf8(""))).toString()).toBe("DSSEv1 0  0 ");
    expect(Buffer.from(pae("tüp", utf8("ü"))).toString()).toBe("DSSEv1 4 tüp 2 ü");
  });

  test("never maps two messages to the same bytes", () => {
    const message = fc.tuple(fc.string({ unit: "grapheme" }), fc.uint8Array());
    fc.assert(
      fc.property(message, message, ([type, body], [otherType, otherBody]) => {
        const same = type === otherType && Buffer.from(body).equals(otherBody);
        expect(Buffer.from(pae(type, body)).equals(pae(otherType, otherBody))).toBe(same);
      }),
    );
  });

  test("can be read back: lengths count bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.uint8Array(), (type, body) => {
        const bytes = Buffer.from(pae(type, body));
        const typeBytes = Buffer.from(type);
        const head = `DSSEv1 ${typeBytes.length} `;
        expect(bytes.subarray(0, head.length).toString()).toBe(head);
        const rest = bytes.subarray(head.length + typeBytes.length);
        expect(rest.toString("latin1")).toBe(` ${body.length} ${Buffer.from(body).toString("latin1")}`);
      }),
    );
  });
});

describe("an envelope", () => {
  test("verifies under each of its signers' keys and says whose they were", async () => {
    const envelope = parseEnvelope(encode(await signEnvelope("text/plain", utf8("hello"), signers)));
    const keys = [eve.publicKey, bob.publicKey, alice.publicKey, alice.publicKey];
    const { payload, signedBy } = verifyEnvelope(envelope, keys);
    expect(Buffer.from(payload).toString()).toBe("hello");
    expect(signedBy).toEqual([signers[1].keyId, signers[0].keyId]);
    expect(() => verifyEnvelope(envelope, [eve.publicKey])).toThrow(/no signature/);
    expect(() => verifyEnvelope(envelope, [])).toThrow(/no signature/);
  });

  test("does not believe key ids", async () => {
    const envelope = await signEnvelope("text/plain", utf8("hello"), [signers[0]]);
    const lying: Envelope = {
      ...envelope,
      signatures: [{ sig: envelope.signatures[0]!.sig, keyid: signers[1].keyId }],
    };
    expect(verifyEnvelope(lying, [alice.publicKey, bob.publicKey]).signedBy).toEqual([signers[0].keyId]);
  });

  test("fails when payload, type or signature is touched", async () => {
    const envelope = await signEnvelope("text/plain", utf8("hello"), [signers[0]]);
    const touched: Envelope[] = [
      { ...envelope, payload: toBase64(utf8("hellp")) },
      { ...envelope, payloadType: "text/html" },
      { ...envelope, signatures: [{ sig: toBase64(utf8("x")), keyid: "" }] },
    ];
    for (const bad of touched) expect(() => verifyEnvelope(bad, [alice.publicKey])).toThrow(/no signature/);
  });

  test("may carry URL-safe base64, null or absent key ids and unknown fields", async () => {
    const payload = new Uint8Array([0xfb, 0xff, 0xfe]);
    const { payloadType, signatures } = await signEnvelope("application/octet-stream", payload, [signers[0]]);
    const urlSafe = (text: string): string => text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
    for (const keyid of [null, undefined, "", "x"]) {
      const sent = encode({
        payload: urlSafe(toBase64(payload)),
        payloadType,
        signatures: [{ sig: urlSafe(signatures[0]!.sig), keyid, cert: "later" }],
        more: 1,
      });
      const envelope = parseEnvelope(sent);
      expect(envelope.signatures[0]!.keyid).toBe(keyid ?? "");
      expect(verifyEnvelope(envelope, [alice.publicKey]).payload).toEqual(Buffer.from(payload));
    }
  });

  test.each([
    ["not JSON", utf8("{"), "MALFORMED"],
    ["a list", utf8("[]"), "MALFORMED"],
    ["no payload", encode({ payloadType: "t", signatures: [{ sig: "AA==" }] }), "MALFORMED"],
    ["no signatures", encode({ payload: "", payloadType: "t", signatures: [] }), "MALFORMED"],
    ["a numeric signature", encode({ payload: "", payloadType: "t", signatures: [{ sig: 1 }] }), "MALFORMED"],
    [
      "too many signatures",
      encode({ payload: "", payloadType: "t", signatures: Array.from({ length: 65 }, () => ({ sig: "" })) }),
      "LIMIT",
    ],
  ])("is refused with %s", (_, bytes, code) => {
    expect(() => parseEnvelope(bytes)).toThrow(expect.objectContaining({ code }));
  });

  test("is refused when its payload or signature is not base64", async () => {
    const envelope = await signEnvelope("t", utf8("hello"), [signers[0]]);
    expect(() => verifyEnvelope({ ...envelope, payload: "a%b" }, [alice.publicKey])).toThrow(/not base64/);
    const signatures = [{ sig: "a b", keyid: "" }];
    expect(() => verifyEnvelope({ ...envelope, signatures }, [alice.publicKey])).toThrow(/not base64/);
  });
});
