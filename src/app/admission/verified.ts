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
 * A stored statement as the gate takes it: who signed it is checked against `keys` now; its place on the log, and when it was
 * recorded, are the log's, not what the store remembers; and it counts only where its leaf stands under the version's `topic`. Undefined when the envelope does not even hold a statement.
 */
export function verifiedStatement(
  row: StatementRow,
  topic: string,
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
      ...placeUnder(row, topic, log),
    };
  } catch (error) {
    if (isCastellanError(error)) return undefined;
    throw error;
  }
}

/**
 * Where the log holds this very envelope under `topic`, and since when. The store alone cannot say that a statement is about a
 * version: whoever can write it could lend one version's signature to another.
 */
export function placeUnder(
  row: StatementRow,
  topic: string,
  log: LogIndex,
): Pick<VerifiedStatement, "logIndex" | "recordedAt"> {
  const logIndex = placeOnLog(row, log);
  const leaf = logIndex === undefined ? undefined : log.at(logIndex);
  return leaf?.topic === topic
    ? { logIndex, recordedAt: leaf.at }
    : { logIndex: undefined, recordedAt: row.recordedAt };
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
