import type { KeyObject } from "node:crypto";
import type { VerifiedStatement } from "../../core/statement.ts";
import type { Digest } from "../../kit/digest.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { saltedDigest } from "../../registry/leaf.ts";
import { parseEnvelope, verifyEnvelope } from "../../seal/dsse.ts";
import { parseStatement } from "../../seal/in-toto.ts";
import { fromAnyBase64 } from "../../kit/bytes.ts";
import type { StatementRow } from "../../store/repository.ts";
import type { LogIndex } from "./log-index.ts";

/**
 * A stored statement as the gate takes it: who signed it is checked against `keys` now, and its place on the log against the
 * log itself, not against what the store remembers. Undefined when the envelope does not even hold a statement.
 */
export function verifiedStatement(
  row: StatementRow,
  keys: readonly KeyObject[],
  log: LogIndex,
): VerifiedStatement | undefined {
  try {
    const envelope = parseEnvelope(row.envelope);
    const { payload, signedBy } = signatures(envelope, keys);
    return {
      digest: row.digest,
      statement: parseStatement(payload),
      signedBy,
      identities: [],
      logIndex: placeOnLog(row, log),
      recordedAt: row.recordedAt,
    };
  } catch (error) {
    if (isCastellanError(error)) return undefined;
    throw error;
  }
}

/** Where the log holds this very envelope; undefined when it does not. */
export function placeOnLog(row: StatementRow, log: LogIndex): number | undefined {
  if (row.logIndex === undefined) return undefined;
  const leaf = log.at(row.logIndex);
  return leaf?.digest === saltedDigest(row.salt, row.envelope) ? row.logIndex : undefined;
}

function signatures(
  envelope: ReturnType<typeof parseEnvelope>,
  keys: readonly KeyObject[],
): { payload: Uint8Array; signedBy: readonly Digest[] } {
  try {
    return verifyEnvelope(envelope, keys);
  } catch (error) {
    // The gate must see that a statement exists which nobody we know signed: it is a reason, not an absence.
    if (isCastellanError(error, "SIGNATURE")) return { payload: fromAnyBase64(envelope.payload), signedBy: [] };
    throw error;
  }
}
