import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bech32Decode, bech32Encode } from "./bech32.ts";

const prefix = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/);

describe("Bech32", () => {
  it("gives back what it encoded, in the prefix's case", () => {
    fc.assert(
      fc.property(prefix, fc.uint8Array({ maxLength: 100 }), fc.boolean(), (prefix, bytes, upper) => {
        const written = upper ? prefix.toUpperCase() : prefix;
        const text = bech32Encode(written, bytes);
        expect(text).toBe(upper ? text.toUpperCase() : text.toLowerCase());
        expect(bech32Decode(text, "it")).toEqual({ prefix: written, bytes: Uint8Array.from(bytes) });
      }),
    );
  });

  it("detects any single wrong character", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), fc.integer({ min: 33, max: 126 }), (bytes, at, code) => {
        const text = bech32Encode("age", bytes);
        const index = at % text.length;
        const changed = text.slice(0, index) + String.fromCharCode(code) + text.slice(index + 1);
        if (changed !== text) expect(() => bech32Decode(changed, "it")).toThrow("it is not valid Bech32");
      }),
    );
  });

  // BIP 173, "Test vectors".
  it.each(["A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"])("accepts %s", (text) => {
    expect(bech32Encode(bech32Decode(text, "it").prefix, bech32Decode(text, "it").bytes)).toBe(text);
  });

  it.each([
    "",
    "1",
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "A12uEL5L",
  ])('refuses "%s"', (text) => {
    expect(() => bech32Decode(text, "it")).toThrow(expect.objectContaining({ code: "MALFORMED" }));
  });

  it("never repeats a secret in its message", () => {
    const secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEZ";
    expect(() => bech32Decode(secret, "the identity")).toThrow(/^the identity is not valid Bech32$/);
  });
});
