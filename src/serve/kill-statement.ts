import type { KeyObject } from "node:crypto";
import { predicateTypeOf } from "../core/statement.ts";
import { fail } from "../kit/errors.ts";
import { jsonObject } from "../kit/json.ts";
import { parseEnvelope, verifyEnvelope } from "../seal/dsse.ts";
import { parseStatement } from "../seal/in-toto.ts";
import type { KillFact, KillVerifier } from "./ports.ts";

const predicateType = predicateTypeOf("kill-switch");

/** Verifies kill-switch statements against `keys`, any one of which may have signed. */
export function killVerifier(keys: readonly KeyObject[]): KillVerifier {
  return (bytes) => {
    const { payload } = verifyEnvelope(parseEnvelope(bytes), keys);
    const statement = parseStatement(payload);
    if (statement.predicateType !== predicateType)
      fail("MALFORMED", "A kill-switch entry holds a statement of another type");
    return readKillFact(statement.predicate);
  };
}

/** The predicate `{epoch, scope, target, killed, why, at}` of a kill-switch statement. @throws MALFORMED */
export function readKillFact(predicate: unknown): KillFact {
  const { epoch, scope, target, killed, why, at } = jsonObject(predicate, "a kill-switch statement");
  if (
    !Number.isSafeInteger(epoch) ||
    (epoch as number) < 1 ||
    (scope !== "all" && scope !== "tenant" && scope !== "model") ||
    typeof target !== "string" ||
    (scope === "all") !== (target === "") ||
    typeof killed !== "boolean" ||
    typeof why !== "string" ||
    typeof at !== "string"
  ) {
    return fail("MALFORMED", "A kill-switch statement does not have the form it must have");
  }
  return { epoch: epoch as number, scope, target, killed, why, at };
}
