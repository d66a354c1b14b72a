import type { Statement } from "../core/statement.ts";
import { sha256Hex } from "../kit/bytes.ts";
import { digestOfHex } from "../kit/digest.ts";
import { fail, isCastellanError } from "../kit/errors.ts";
import { parseEnvelope, verifyEnvelope } from "../seal/dsse.ts";
import { parseStatement } from "../seal/in-toto.ts";
import type { StatementRow } from "../store/repository.ts";
import type { Context } from "./context.ts";

/**
 * The statement in a stored row, when its bytes are unchanged and the registry itself signed it.
 * @throws INTEGRITY naming the statement
 */
export function ownStatement(context: Pick<Context, "ownKeys">, row: StatementRow): Statement {
  const where = `statement ${row.digest}`;
  if (digestOfHex(sha256Hex(row.envelope)) !== row.digest)
    fail("INTEGRITY", { message: "The stored envelope is not the one that was recorded", where });
  try {
    const { payload } = verifyEnvelope(parseEnvelope(row.envelope), context.ownKeys);
    const statement = parseStatement(payload);
    if (statement.predicateType !== row.predicateType)
      fail("INTEGRITY", {
        message: `The store says ${row.predicateType}, the envelope ${statement.predicateType}`,
        where,
      });
    return statement;
  } catch (cause) {
    if (isCastellanError(cause, "INTEGRITY")) throw cause;
    return fail("INTEGRITY", { message: "The stored envelope is not signed by this registry", where, cause });
  }
}
