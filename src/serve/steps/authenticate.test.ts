import { describe, expect, test } from "vitest";
import { sha256Hex, utf8 } from "../../kit/bytes.ts";
import { Exchange, type Principal } from "../exchange.ts";
import type { CheckStep } from "../stages.ts";
import { assertLoopbackBinding, isLoopback, loopbackOperator, staticTokens } from "./authenticate.ts";
import { tenantScope, wholeGateway } from "./authorise.ts";

function pass(step: CheckStep, headers: Record<string, string>, peer = "127.0.0.1"): Principal | undefined {
  const exchange = new Exchange("id", { method: "POST", path: "/", headers, peer, inFlight: 1 }, "x", undefined, 0);
  void step.run(exchange);
  return exchange.principal;
}

describe("the operator on this machine", () => {
  const step = loopbackOperator();

  test.each(["127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "127.1.2.3"])(
    "is let in by Host %s",
    (host) => {
      expect(pass(step, { host })?.name).toBe("operator");
    },
  );

  test.each([
    ["another machine", { host: "127.0.0.1" }, "192.0.2.1"],
    ["another machine in IPv4-mapped form", { host: "127.0.0.1" }, "::ffff:192.0.2.1"],
    ["a name that resolves to here (DNS rebinding)", { host: "evil.example" }, "127.0.0.1"],
    ["a name that begins like here", { host: "127.0.0.1.evil.example" }, "127.0.0.1"],
    ["no Host", {}, "127.0.0.1"],
    ["a page of another origin", { host: "127.0.0.1:1", origin: "https://evil.example" }, "127.0.0.1"],
    ["a page without an origin of its own", { host: "127.0.0.1:1", origin: "null" }, "127.0.0.1"],
    ["a page of another port here", { host: "127.0.0.1:1", origin: "http://127.0.0.1:2" }, "127.0.0.1"],
    ["a proxy here (X-Forwarded-For)", { host: "127.0.0.1", "x-forwarded-for": "192.0.2.1" }, "127.0.0.1"],
    ["a proxy here (Forwarded)", { host: "127.0.0.1", forwarded: "for=192.0.2.1" }, "127.0.0.1"],
  ])("is not %s", (_who, headers, peer) => {
    expect(() => pass(step, headers as Record<string, string>, peer)).toThrow(
      expect.objectContaining({ code: "FORBIDDEN", status: 403 }),
    );
  });

  test("loopback is told from what only looks like it", () => {
    expect(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].map(isLoopback)).toEqual([true, true, true, true]);
    expect(["0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "127.0.0", undefined].map(isLoopback)).toEqual(
      Array(6).fill(false),
    );
  });

  test("binding elsewhere without tokens is refused", () => {
    expect(() => assertLoopbackBinding("0.0.0.0")).toThrow(expect.objectContaining({ code: "CONFIG" }));
    expect(() => assertLoopbackBinding("::")).toThrow();
    expect(() => assertLoopbackBinding("127.0.0.1")).not.toThrow();
  });
});

describe("static tokens", () => {
  const tokens = ["first-token", "second-token"].map((token, index) => ({
    sha256: sha256Hex(utf8(token)),
    principal: { name: `p${index}`, tenants: index === 0 ? ("*" as const) : ["acme"] },
  }));
  const step = staticTokens(tokens);

  test("name who calls, wherever the token stands in the list", () => {
    expect(pass(step, { authorization: "Bearer first-token" })?.name).toBe("p0");
    expect(pass(step, { authorization: "bearer second-token" })?.name).toBe("p1");
  });

  test.each([
    undefined,
    "",
    "first-token",
    "Basic first-token",
    "Bearer ",
    "Bearer first-toke",
    "Bearer first-token2",
    "Bearer first-token first-token",
    `Bearer first-token${"x".repeat(5000)}`,
  ])("a header %j lets nobody in", (authorization) => {
    expect(() => pass(step, authorization === undefined ? {} : { authorization })).toThrow(
      expect.objectContaining({ status: 401 }),
    );
  });

  test("a list nobody is on, or with something that is no digest, is a configuration error", () => {
    expect(() => staticTokens([])).toThrow(expect.objectContaining({ code: "CONFIG" }));
    expect(() => staticTokens([{ ...tokens[0]!, sha256: "first-token" }])).toThrow(
      expect.objectContaining({ code: "CONFIG" }),
    );
  });
});

describe("authorisation", () => {
  const as = (step: CheckStep, tenants: Principal["tenants"] | undefined, tenant: string) => {
    const head = { method: "POST", path: "/", headers: {}, peer: "127.0.0.1", inFlight: 1 };
    const exchange = new Exchange("id", head, "x", { tenant, name: "m", label: "prod" }, 0);
    if (tenants) exchange.principal = { name: "p", tenants };
    return () => void step.run(exchange);
  };

  test("holds a principal to its tenants; nobody authenticated gets nowhere", () => {
    expect(as(tenantScope(), ["acme"], "acme")).not.toThrow();
    expect(as(tenantScope(), "*", "other")).not.toThrow();
    expect(as(tenantScope(), ["acme"], "other")).toThrow(expect.objectContaining({ status: 403 }));
    expect(as(tenantScope(), [], "default")).toThrow(expect.objectContaining({ status: 403 }));
    expect(as(tenantScope(), undefined, "default")).toThrow(expect.objectContaining({ status: 401 }));
    expect(as(wholeGateway(), ["acme"], "acme")).toThrow(expect.objectContaining({ status: 403 }));
    expect(as(wholeGateway(), "*", "acme")).not.toThrow();
  });
});
