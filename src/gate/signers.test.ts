import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { keyIdOf } from "../seal/keys.ts";
import { parsePolicy } from "./policy.ts";
import { resolveSigners } from "./signers.ts";
import { digestOf } from "./testing/world.ts";

const policyWith = (signer: object) =>
  parsePolicy(
    JSON.stringify({ version: 1, name: "x", signers: { a: signer }, aliases: { prod: { require: [] } } }),
    "p.json",
  );

describe("the signers of a policy", () => {
  test("are known by key id, by PEM text, by the name of a trusted key and by certificate identity", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = publicKey.export({ type: "spki", format: "pem" }) as string;
    const policy = policyWith({ keys: [digestOf("id"), pem, "operator"], identities: ["ci@example.org"] });
    expect(resolveSigners(policy, new Map([["operator", digestOf("named")]])).get("a")).toEqual(
      new Set([digestOf("id"), keyIdOf(publicKey), digestOf("named"), "ci@example.org"]),
    );
  });

  test("must have the keys they name: the nearest trusted name is offered", () => {
    expect(() =>
      resolveSigners(policyWith({ keys: ["operater"] }), new Map([["operator", digestOf("named")]])),
    ).toThrow(expect.objectContaining({ code: "CONFIG", next: 'Did you mean "operator"?' }));
    expect(() => resolveSigners(policyWith({ keys: ["nobody"] }), new Map())).toThrow(
      expect.objectContaining({ code: "CONFIG", next: "Put its public key into HOME/trust as nobody.pem." }),
    );
  });

  test("whose PEM is damaged are refused", () => {
    const keys = ["-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"];
    expect(() => resolveSigners(policyWith({ keys }), new Map())).toThrow(expect.objectContaining({ code: "CONFIG" }));
  });
});
