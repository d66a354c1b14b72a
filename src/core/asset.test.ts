import fc from "fast-check";
import { expect, test } from "vitest";
import { formatRef, isName, parseRef } from "./asset.ts";
import { predicateTypeOf, shortNameOf } from "./statement.ts";

const digest = `sha256:${"0f".repeat(32)}`;

test("a reference names a tenant, an asset and an alias or a version", () => {
  expect(parseRef("credit")).toEqual({ tenant: "default", name: "credit", at: { alias: "prod" } });
  expect(parseRef("acme/credit:canary")).toEqual({ tenant: "acme", name: "credit", at: { alias: "canary" } });
  expect(parseRef(`credit@${digest}`)).toEqual({ tenant: "default", name: "credit", at: { digest } });
});

test("what is not a reference is refused", () => {
  for (const bad of [
    "",
    "/",
    "a/b/c",
    "../x",
    "A",
    "a:b@c",
    `a:b@${digest}`,
    "a@sha256:12",
    "a b",
    "a\0",
    "-a",
    "a..b",
    "a".repeat(65),
  ]) {
    expect(() => parseRef(bad)).toThrow();
  }
});

test("references read back from their text, and no random text crashes the parser", () => {
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9_-]{0,20}[a-z0-9])?$/).filter(isName);
  fc.assert(
    fc.property(
      name,
      name,
      fc.oneof(
        name.map((alias) => ({ alias })),
        fc.constant({ digest: digest as `sha256:${string}` }),
      ),
      (tenant, asset, at) => {
        const ref = { tenant, name: asset, at };
        expect(parseRef(formatRef(ref))).toEqual(ref);
      },
    ),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseRef(text);
      } catch (error) {
        expect(error).toMatchObject({ code: "USAGE" });
      }
    }),
  );
});

test("short names stand for predicate types and back", () => {
  for (const name of ["data-origin", "gate-verdict", "model-signature", "training-run", "ml-bom"])
    expect(shortNameOf(predicateTypeOf(name))).toBe(name);
  expect(predicateTypeOf("https://example.org/x")).toBe("https://example.org/x");
});
