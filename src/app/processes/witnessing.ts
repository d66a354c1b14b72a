import { isCastellanError } from "../../kit/errors.ts";
import { openLogReader } from "../../ledger/reader.ts";
import { type CosignOrder, cosignCheckpoint } from "../flows/cosign-checkpoint.ts";

/** How often the log is looked at for growth, and how long to wait after a failure, in milliseconds. */
const everyMs = 2_000;
const afterFailureMs = 15_000;

/**
 * Has every new checkpoint cosigned while it runs, so that what is recorded cannot be rewritten later without a witness knowing.
 * Failures are told once each time their reason changes; nothing else waits for them.
 * @returns stops it
 */
export function keepCosigned(order: CosignOrder, note: (line: string) => void): () => void {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let cosignedSize = -1;
  let trouble: string | undefined;
  const turn = async (): Promise<number> => {
    try {
      const { size } = openLogReader(order.dir, { vkey: order.vkey });
      if (size === cosignedSize) return everyMs;
      cosignedSize = (await cosignCheckpoint({ ...order, signal: stop.signal })).size;
      if (trouble !== undefined) note("witnesses cosign the log again");
      trouble = undefined;
      return everyMs;
    } catch (error) {
      if (stop.signal.aborted) return everyMs;
      const reason = isCastellanError(error) ? error.message : "the log could not be read";
      if (reason !== trouble) note(`the log is not cosigned: ${reason}`);
      trouble = reason;
      return afterFailureMs;
    }
  };
  const loop = async (): Promise<void> => {
    const pause = await turn();
    if (!stop.signal.aborted) timer = setTimeout(() => void loop(), pause);
  };
  void loop();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}
