import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCastellanError } from "../kit/errors.ts";
import { actorOf, everyTenant, hostActor, roles, type Actor } from "./actor.ts";
import { actions, may, mustBeAllowed } from "./permission.ts";

describe("permissions", () => {
  it("deny everything to an actor without roles", () => {
    for (const action of actions) expect(may(actorOf("acme", "ann", []), action, "acme")).toBe(false);
  });

  it("never reach into another tenant, whatever the roles", () => {
    const ann = actorOf("acme", "ann", roles);
    for (const action of actions) {
      expect(may(ann, action, "acme")).toBe(true);
      expect(may(ann, action, "zeta")).toBe(false);
      expect(may(ann, action, everyTenant)).toBe(false);
    }
  });

  it("deny actions and roles that are not in the table", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (role, action) => {
        const odd = { tenant: "acme", name: "x", roles: [role] } as unknown as Actor;
        if (!(roles as readonly string[]).includes(role)) expect(may(odd, action as "see", "acme")).toBe(false);
        if (!(actions as readonly string[]).includes(action))
          expect(may(hostActor("root", ["features-reader"]), action as "see", "acme")).toBe(false);
      }),
    );
    for (const odd of ["__proto__", "constructor", "toString"])
      expect(may({ tenant: "a", name: "x", roles: [odd] } as unknown as Actor, "see", "a")).toBe(false);
  });

  it("let nobody read feature tables without the role that says so, not even the owner", () => {
    expect(may(hostActor("root"), "read-features", "acme")).toBe(false);
    expect(may(hostActor("root", ["features-reader"]), "read-features", "acme")).toBe(true);
    expect(may(actorOf("acme", "svc", ["features-reader"]), "read-features", "acme")).toBe(true);
    expect(may(actorOf("acme", "svc", ["features-reader"]), "read", "acme")).toBe(false);
  });

  it("say which role is missing", () => {
    try {
      mustBeAllowed(actorOf("acme", "ann", ["reader"]), "erase", "acme");
      expect.unreachable();
    } catch (error) {
      expect(isCastellanError(error, "FORBIDDEN") && error.next).toContain("owner");
    }
  });

  it("refuse actors with unusable tenants, names and roles", () => {
    for (const [tenant, name, held] of [
      ["ACME", "ann", []],
      ["acme", "", []],
      ["acme", "a\nb", []],
      ["acme", "ann", ["root"]],
    ] as const)
      expect(() => actorOf(tenant, name, held)).toThrow();
  });
});
