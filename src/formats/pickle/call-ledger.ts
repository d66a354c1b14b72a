import type { CallRecord, PersistentId } from "./examination.ts";
import { opcodeOf } from "./opcodes.ts";
import type { Judgement } from "./judgement.ts";

const recordLimit = 5000;
const quietLimit = 3;
const persistentLimit = 100_000;

/** The calls of one run, in order; harmless repetitions only as a number. */
export class CallLedger {
  readonly persistentIds: PersistentId[] = [];
  persistentCount = 0;
  private readonly records: (CallRecord & { count: number })[] = [];
  private readonly quiet = new Map<string, { count: number; last: CallRecord & { count: number } }>();
  private grave = 0;

  /**
   * Records a call. `args` is only asked for when the record is kept in full: harmless calls of one thing beyond the
   * first three, and anything beyond 5,000 records, are added to the last record alike.
   */
  add(
    offset: number,
    opcode: number,
    callable: string,
    judgement: Judgement,
    path: readonly number[],
    args: () => string,
  ): void {
    const harmless = judgement.severity === "none";
    const key = `${opcode} ${judgement.severity} ${callable}`;
    const seen = this.quiet.get(key);
    const keep = harmless ? (seen?.count ?? 0) < quietLimit : this.grave < recordLimit;
    if (seen !== undefined && (!keep || this.records.length >= 2 * recordLimit)) {
      seen.count++;
      seen.last.count++;
      return;
    }
    if (this.records.length >= 2 * recordLimit && harmless) return;
    const record = {
      offset,
      opcode: opcodeOf(opcode)?.name ?? "?",
      callable,
      args: args(),
      effect: judgement.effect,
      severity: judgement.severity,
      reason: judgement.why,
      path,
      count: 1,
    };
    this.records.push(record);
    if (!harmless) this.grave++;
    if (seen === undefined) this.quiet.set(key, { count: 1, last: record });
    else {
      seen.count++;
      seen.last = record;
    }
  }

  addPersistent(offset: number, id: string): void {
    this.persistentCount++;
    if (this.persistentIds.length < persistentLimit) this.persistentIds.push({ offset, id });
  }

  get calls(): readonly CallRecord[] {
    return this.records;
  }
}
