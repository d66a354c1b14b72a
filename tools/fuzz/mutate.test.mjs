import { expect, test } from "vitest";
import { mutate } from "./mutate.mjs";

const original = Buffer.from("\x80\x04}(X\x01\x00\x00\x00aK\x01u.", "latin1");

test("the same seed makes the same mutant, and the original is left as it is", () => {
  const before = Buffer.from(original);
  for (let seed = 0; seed < 200; seed++) {
    expect(mutate(original, Buffer.from("other"), seed)).toEqual(mutate(original, Buffer.from("other"), seed));
  }
  expect(original).toEqual(before);
});

test("most seeds change something, and empty files are no problem", () => {
  let changed = 0;
  for (let seed = 0; seed < 200; seed++) {
    if (!mutate(original, original, seed).equals(original)) changed++;
    expect(() => mutate(Buffer.alloc(0), Buffer.alloc(0), seed)).not.toThrow();
  }
  expect(changed).toBeGreaterThan(150);
});
