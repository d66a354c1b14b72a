// Examines what it is sent as `castellan scan` would, and with readers that do not recognise it; tells what should never happen.
import { bytesSource } from "../../src/core/byte-source.ts";
import { isCastellanError } from "../../src/kit/errors.ts";
import { defaultLimits } from "../../src/scan/budget.ts";
import { checkLibrary } from "../../src/scan/check-library.ts";
import { examine } from "../../src/scan/examine.ts";
import { probeOf } from "../../src/scan/probe.ts";
import { readerLibrary } from "../../src/scan/reader-library.ts";
import { spendingOf } from "../../src/scan/spending.ts";
import { temporarySpool } from "../../src/app/scan/temporary-spool.ts";

const lists = await import(process.argv[2] ?? new URL("../../src/app/scan/lists.ts", import.meta.url).href);
const limits = { ...defaultLimits, stepSeconds: 5, fileSeconds: 20, unpackedBytes: 256 * 1024 ** 2 };
const readers = readerLibrary(lists.readers);
const library = checkLibrary(lists.checkIndex, { offers: ["advisories"] });
const now = () => performance.now();
/** What a reader, a check or a decompressor may throw, by its contract. */
const allowed = new Set(["MALFORMED", "LIMIT", "UNSUPPORTED", "INTEGRITY"]);

process.on("message", (message) => void answer(message));

/** @param {unknown} message a file to examine: `{ bytes, name, extra }` */
async function answer(message) {
  const { bytes, name, extra } = /** @type {{ bytes: Uint8Array; name: string; extra: number }} */ (message);
  /** @type {string[]} */
  const problems = [];
  const started = now();
  const watched = {
    /** @template T @param {{ what: string; id: string }} step @param {() => T} work @returns {T} */
    run(step, work) {
      const from = now();
      try {
        return work();
      } catch (error) {
        note(problems, `${step.what} ${step.id}`, error);
        throw error;
      } finally {
        // Twice its budget: it does not look at the clock.
        if (now() - from > 2000 * limits.stepSeconds)
          problems.push(`${step.what} ${step.id}: took ${Math.round(now() - from)} ms`);
      }
    },
    refused: () => undefined,
  };
  const tools = { readers, library, guard: watched, spool: temporarySpool(), limits, now };
  try {
    await examine({ path: name, source: bytesSource(bytes), named: true }, tools, () => {});
    await forced(bytes, name, extra, watched);
  } catch (error) {
    note(problems, "examine", error);
  }
  process.send?.({ problems, ms: now() - started, peak: process.resourceUsage().maxRSS });
}

/**
 * Has one reader read the bytes whether or not it recognises them.
 * @param {Uint8Array} bytes @param {string} name @param {number} extra @param {{ run<T>(step: { what: string; id: string }, work: () => T): T }} guard
 */
async function forced(bytes, name, extra, guard) {
  const reader = readers.roots[extra % readers.roots.length];
  if (reader === undefined) return;
  const parser = await readers.parser(reader);
  try {
    guard.run({ what: "read (forced)", id: reader.kind }, () => {
      const probe = probeOf(bytesSource(bytes), name);
      const { structure } = reader.read(probe, spendingOf(limits, now).step(), parser);
      for (const member of reader.members?.(structure, probe) ?? []) void member;
    });
  } catch {
    // Already noted, when it was not an error the contract allows.
  }
}

/** @param {string[]} problems @param {string} doing @param {unknown} error */
function note(problems, doing, error) {
  if (isCastellanError(error) && allowed.has(error.code)) return;
  problems.push(`${doing}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}

process.send?.({ ready: true });
