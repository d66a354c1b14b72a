import { isIP } from "node:net";
import { equalBytes, fromHex, sha256, utf8 } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import type { Principal } from "../exchange.ts";
import { refuse } from "../refusal.ts";
import type { CheckStep } from "../stages.ts";

/** True for 127.0.0.0/8, ::1 and their IPv4-mapped form. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.startsWith("::ffff:") ? address.slice(7) : address;
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

const operator: Principal = Object.freeze({ name: "operator", tenants: "*" });
const localHost = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Takes whoever sits at this machine for the operator. Refuses other peers, and requests that only pass through this
 * machine: forwarded by a proxy, sent by a web page (Origin), or to a name that merely resolves to here (DNS rebinding).
 */
export function loopbackOperator(): CheckStep {
  return {
    name: "loopback-operator",
    run(exchange) {
      const { peer, headers } = exchange.head;
      if (!isLoopback(peer)) no("The request does not come from this machine");
      if (
        headers["forwarded"] !== undefined ||
        headers["x-forwarded-for"] !== undefined ||
        headers["via"] !== undefined
      ) {
        no("The request was forwarded by a proxy");
      }
      const { origin, host } = headers;
      if (host === undefined || !localHost.test(host)) no("The Host header does not name this machine");
      if (origin !== undefined && origin !== `http://${host}`) no("The request was sent by a page of another origin");
      exchange.principal = operator;
    },
  };
}

function no(message: string): never {
  refuse(403, "FORBIDDEN", {
    message,
    next: "Call it directly on this machine, or configure tokens (gateway.tokens).",
  });
}

/** @throws CONFIG when `host` would let other machines in while nobody has to prove who they are */
export function assertLoopbackBinding(host: string): void {
  if (isLoopback(host) || host === "localhost") return;
  fail("CONFIG", {
    message: `The gateway may not listen on ${host} while everybody on this machine is taken for the operator`,
    where: "gateway.host",
    next: "Listen on 127.0.0.1, or configure tokens (gateway.tokens).",
  });
}

/** A token's digest and whom it stands for. The token itself is never kept. */
export interface StaticToken {
  /** SHA-256 of the whole token, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly principal: Principal;
}

const maxTokenLength = 4096;

/**
 * `Authorization: Bearer <token>` against a fixed list. The SHA-256 of the whole token is compared with every entry in
 * constant time, so neither a shared prefix nor the place in the list shows.
 * @throws CONFIG when the list is empty or a digest is not one
 */
export function staticTokens(tokens: readonly StaticToken[]): CheckStep {
  if (tokens.length === 0) fail("CONFIG", "gateway.tokens is empty: nobody could call the gateway");
  const known = tokens.map(({ sha256: hex, principal }) => {
    if (!/^[0-9a-f]{64}$/.test(hex))
      fail("CONFIG", `gateway.tokens: the digest of ${principal.name} is not 64 hexadecimal digits`);
    return { digest: fromHex(hex), principal };
  });
  return {
    name: "static-token",
    run(exchange) {
      const header = exchange.head.headers.authorization;
      const token =
        header !== undefined && header.length <= maxTokenLength
          ? /^Bearer ([\x21-\x7e]+)$/i.exec(header)?.[1]
          : undefined;
      if (token === undefined) {
        refuse(401, "FORBIDDEN", {
          message: "The request carries no token",
          next: "Send Authorization: Bearer <token>.",
        });
      }
      const digest = sha256(utf8(token));
      let found: Principal | undefined;
      for (const { digest: other, principal } of known) if (equalBytes(digest, other)) found = principal;
      if (!found) refuse(401, "FORBIDDEN", { message: "The token is not known", next: "Ask an operator for a token." });
      exchange.principal = found;
    },
  };
}
