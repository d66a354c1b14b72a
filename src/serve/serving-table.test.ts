import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOfHex } from "../kit/digest.ts";
import { emptyTable, percentOf, type ServingEntry, ServingTable } from "./serving-table.ts";

const digest = (letter: string) => digestOfHex(letter.repeat(64));
const version = (letter: string, validUntil = Number.POSITIVE_INFINITY) => ({
  digest: digest(letter),
  proof: digest("0"),
  validUntil,
});
const entry = (change: Partial<ServingEntry> = {}): ServingEntry => ({
  tenant: "default",
  name: "credit",
  alias: "prod",
  sequence: 1,
  primary: version("a"),
  canary: undefined,
  canaryRefused: undefined,
  weight: 0,
  pending: undefined,
  ...change,
});
const refused = {
  digest: digest("b"),
  outcome: "undecided" as const,
  missing: [{ id: "signed", title: "Signed", outcome: "undecided" as const, reason: "no signature" }],
};

describe("the serving table", () => {
  const table = new ServingTable([entry()], 1);

  test("resolves an alias and the digest behind it", () => {
    expect(table.resolve("default", "credit", "prod", "r", 0)).toEqual({ kind: "serve", version: version("a") });
    expect(table.resolve("default", "credit", digest("a"), "r", 0).kind).toBe("serve");
  });

  test("does not serve a digest nobody promoted, nor one tenant's model to another", () => {
    expect(table.resolve("default", "credit", digest("c"), "r", 0).kind).toBe("unknown");
    expect(table.resolve("other", "credit", "prod", "r", 0)).toEqual({
      kind: "unknown",
      known: false,
      close: undefined,
    });
    expect(table.resolve("other", "credit", digest("a"), "r", 0).kind).toBe("unknown");
  });

  test("names what was probably meant", () => {
    expect(table.resolve("default", "credti", "prod", "r", 0)).toEqual({
      kind: "unknown",
      known: false,
      close: "credit",
    });
    expect(table.resolve("default", "credit", "prd", "r", 0)).toEqual({ kind: "unknown", known: true, close: "prod" });
  });

  test("does not serve past the end of a proof", () => {
    const short = new ServingTable([entry({ primary: version("a", 1000) })], 1);
    expect(short.nextExpiry).toBe(1000);
    expect(short.resolve("default", "credit", "prod", "r", 999).kind).toBe("serve");
    expect(short.resolve("default", "credit", "prod", "r", 1000).kind).toBe("expired");
    expect(short.resolve("default", "credit", digest("a"), "r", 1000).kind).toBe("expired");
  });

  test("refuses an unproven version, also by its digest", () => {
    const unproven = new ServingTable([entry({ primary: refused })], 1);
    expect(unproven.resolve("default", "credit", "prod", "r", 0)).toEqual({ kind: "refused", version: refused });
    expect(unproven.resolve("default", "credit", refused.digest, "r", 0).kind).toBe("unknown");
  });

  test("gives the canary its share, the same answer for the same request, and nothing past its proof", () => {
    const canary = new ServingTable([entry({ canary: version("c", 1000), weight: 20 })], 1);
    const answers = Array.from({ length: 20_000 }, (_, index) =>
      canary.resolve("default", "credit", "prod", `id-${index}`, 0),
    );
    const share =
      answers.filter((answer) => answer.kind === "serve" && answer.version.digest === digest("c")).length / 200;
    expect(share).toBeGreaterThan(18.5);
    expect(share).toBeLessThan(21.5);
    expect(canary.resolve("default", "credit", "prod", "id-7", 0)).toEqual(answers[7]);
    for (let index = 0; index < 200; index++) {
      expect(canary.resolve("default", "credit", "prod", `id-${index}`, 1000)).toMatchObject({
        version: { digest: digest("a") },
      });
    }
  });

  test("serves nothing while nothing is known", () => {
    expect(emptyTable().resolve("default", "credit", "prod", "r", 0).kind).toBe("unknown");
  });
});

test("a request's place lies in [0, 100)", () => {
  fc.assert(fc.property(fc.string(), (text) => percentOf(text) >= 0 && percentOf(text) < 100));
});
