import type { Clock } from "../../kit/clock.ts";
import { fail } from "../../kit/errors.ts";
import { openLogReader } from "../../ledger/reader.ts";
import { storeCosigned } from "../../ledger/store-cosigned.ts";
import { type Cosigned, collectCosignatures, type WitnessAddress } from "../../ledger/witness/client.ts";

/** How often to begin anew when the log publishes a new checkpoint while witnesses answer. */
const maxRounds = 5;

/** Which log, and whose cosignatures. */
export interface CosignOrder {
  readonly dir: string;
  readonly vkey: string;
  readonly witnesses: readonly WitnessAddress[];
  /** How many must cosign. */
  readonly n: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Has the log's newest checkpoint cosigned and keeps the signatures in it.
 * @throws INTEGRITY when a witness saw another history · UNAVAILABLE when too few answered · BUSY
 */
export async function cosignCheckpoint(order: CosignOrder): Promise<Cosigned & { readonly size: number }> {
  const { dir, vkey, witnesses, n, timeoutMs, clock, signal } = order;
  const log = openLogReader(dir, { vkey });
  for (let round = 0; round < maxRounds; round++) {
    const checkpoint = await log.checkpointText();
    const { size } = log;
    const cosigned = await collectCosignatures({
      checkpoint,
      witnesses,
      n,
      log,
      timeoutMs,
      ...(signal ? { signal } : {}),
    });
    if (await storeCosigned(dir, vkey, cosigned.checkpoint, clock)) return { ...cosigned, size };
  }
  return fail("BUSY", {
    message: "the log keeps publishing new checkpoints",
    where: dir,
    next: "Try again when it is quieter.",
  });
}
