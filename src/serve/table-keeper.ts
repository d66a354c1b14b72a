import type { Clock } from "../kit/clock.ts";
import type { Digest } from "../kit/digest.ts";
import { admit } from "./admission.ts";
import type { AdmissionGate, ServedAlias, ServingSource } from "./ports.ts";
import {
  type AdmittedVersion,
  emptyTable,
  isAdmitted,
  type RefusedVersion,
  type ServingEntry,
  ServingTable,
} from "./serving-table.ts";

export interface TableKeeperPorts {
  readonly source: ServingSource;
  readonly gate: AdmissionGate;
  /** Wall clock that does not go back. */
  readonly clock: Clock;
  /** Makes the model server load a version, so that the swap does not make anybody wait. */
  readonly warm: (tenant: string, name: string, digest: Digest) => Promise<void>;
  /** Told about every table that takes effect. */
  swapped?(table: ServingTable): void;
}

export interface TableKeeperOptions {
  /** How long the gate may take for one answer; default 5 s. */
  readonly gateTimeoutMs?: number;
  /** After this long a promoted version takes over even if it does not load; default 10 s. */
  readonly warmTimeoutMs?: number;
  /**
   * How often the gate is asked again although nothing seems to have changed, because log or store may have been changed by
   * other hands; default 5 s, or fifty times as long as the asking took, if that is more.
   */
  readonly reaskMs?: number;
  /** How soon a refusal that may heal by itself (the gate did not answer) is asked about again; default 250 ms. */
  readonly retryMs?: number;
}

const nothingElse = { canary: undefined, canaryRefused: undefined, pending: undefined };

function doubted(digest: Digest, reason: string): RefusedVersion {
  const missing = {
    id: "promotion",
    title: "A signed promotion on the log sets this alias",
    outcome: "fail" as const,
    reason,
  };
  return { digest, outcome: "fail", missing: [missing] };
}

/** Past this long without a successful look at the source nothing is served: what is promoted or revoked is unknown. */
const staleMs = 10_000;

/**
 * Keeps the serving table equal to what is promoted *and* proven.
 *
 * A new version is loaded before it takes over. Until then the version before keeps answering, but only while the gate
 * still admits it under that alias: a revoked version stops at once, loaded successor or not.
 */
export class TableKeeper {
  #table: ServingTable = emptyTable();
  readonly #ports: TableKeeperPorts;
  readonly #options: Required<TableKeeperOptions>;
  /** Versions that were loaded, or took too long, by tenant and digest. */
  #warm = new Set<string>();
  #warming = new Set<string>();
  #dirty = true;
  #retryAt = Number.POSITIVE_INFINITY;
  #lastLook = Number.NEGATIVE_INFINITY;
  #busy: Promise<void> | undefined;
  #closed = false;

  constructor(ports: TableKeeperPorts, options: TableKeeperOptions = {}) {
    this.#ports = ports;
    this.#options = { gateTimeoutMs: 5000, warmTimeoutMs: 10_000, retryMs: 250, reaskMs: 5000, ...options };
  }

  /** The table in effect; empty when the source has not been readable for ten seconds. */
  get table(): ServingTable {
    // Looked at here too: a source that neither answers nor fails must not keep an old table in effect.
    const stale = this.#ports.clock.now() - this.#lastLook > staleMs;
    if (stale && this.#table.entries.length > 0) this.#swap(emptyTable());
    return this.#table;
  }

  /** True once a table is in effect and its versions are loaded. */
  get ready(): boolean {
    return !Number.isNaN(this.#table.revision) && this.#warming.size === 0;
  }

  /** Forgets what was loaded: the model server was replaced. */
  chill(): void {
    this.#warm = new Set();
    this.#dirty = true;
  }

  /**
   * Looks once whether anything changed and swaps the table if so. Calls that overlap share one look.
   * @throws what the source throws; the table stays until it is stale, then it is emptied
   */
  poll(): Promise<void> {
    this.#busy ??= this.#look().finally(() => {
      this.#busy = undefined;
    });
    return this.#busy;
  }

  async #look(): Promise<void> {
    const { source, clock } = this.#ports;
    try {
      const revision = await source.revision();
      const now = clock.now();
      if (this.#dirty || revision !== this.#table.revision || now >= this.#table.nextExpiry || now >= this.#retryAt) {
        this.#dirty = false;
        this.#retryAt = Number.POSITIVE_INFINITY; // admissions may set it sooner
        const rows = await source.snapshot();
        const entries = await Promise.all(rows.map((row) => this.#entry(row)));
        const done = clock.now();
        this.#retryAt = Math.min(this.#retryAt, done + Math.max(this.#options.reaskMs, 50 * (done - now)));
        this.#swap(new ServingTable(entries, revision));
      }
      this.#lastLook = now;
    } catch (error) {
      this.#dirty = true;
      if (clock.now() - this.#lastLook > staleMs && this.#table.entries.length > 0) this.#swap(emptyTable());
      throw error;
    }
  }

  #swap(table: ServingTable): void {
    this.#table = table;
    this.#ports.swapped?.(table);
  }

  async #entry(row: ServedAlias): Promise<ServingEntry> {
    const { tenant, name, alias, sequence, doubt } = row;
    const entry = { tenant, name, alias, sequence, weight: row.canaryWeight };
    if (doubt !== undefined) return { ...entry, ...nothingElse, primary: doubted(row.digest, doubt) };
    const [primary, canary] = await Promise.all([
      this.#admit(row, row.digest),
      row.canary && row.canaryWeight > 0 ? this.#admit(row, row.canary) : undefined,
    ]);
    const canaryRefused = canary && !isAdmitted(canary) ? canary : undefined;
    const canaryReady = canary && isAdmitted(canary) && this.#isWarm(row, canary.digest) ? canary : undefined;
    const before = isAdmitted(primary) && !this.#isWarm(row, primary.digest) ? await this.#before(row) : undefined;
    return {
      ...entry,
      primary: before ?? primary,
      canary: canaryReady,
      canaryRefused,
      pending: before ? row.digest : undefined,
    };
  }

  async #admit(row: ServedAlias, digest: Digest): ReturnType<typeof admit> {
    const { gate, clock } = this.#ports;
    const { tenant, name, alias } = row;
    const answer = await admit(gate, clock, { tenant, name, alias, digest }, this.#options.gateTimeoutMs);
    if (!isAdmitted(answer) && answer.missing.some((missing) => missing.id === "gate")) {
      this.#retryAt = Math.min(this.#retryAt, clock.now() + this.#options.retryMs);
    }
    return answer;
  }

  /** The other version that answers for this alias now, if the gate still admits it. */
  async #before(row: ServedAlias): Promise<AdmittedVersion | undefined> {
    const now = this.#table.entries.find(
      (entry) => entry.tenant === row.tenant && entry.name === row.name && entry.alias === row.alias,
    );
    if (!now || !isAdmitted(now.primary) || now.primary.digest === row.digest) return undefined;
    const answer = await this.#admit(row, now.primary.digest);
    return isAdmitted(answer) ? answer : undefined;
  }

  /** Is the version loaded? If not, sees to it that it will be, and that the table is built again then. */
  #isWarm({ tenant, name }: ServedAlias, digest: Digest): boolean {
    const key = `${tenant}/${digest}`;
    if (this.#warm.has(key)) return true;
    if (!this.#warming.has(key)) {
      this.#warming.add(key);
      const warm = this.#warm;
      void this.#load(tenant, name, digest).then(() => {
        warm.add(key);
        this.#warming.delete(key);
        this.#dirty = true;
        return this.#closed ? undefined : this.poll().catch(() => {}); // the next regular look reports it
      });
    }
    return false;
  }

  /**
   * Loads within the time allowed, trying again while the model server is away; a version that does not load takes over
   * all the same, and its requests say why.
   */
  async #load(tenant: string, name: string, digest: Digest): Promise<void> {
    const { warm } = this.#ports;
    // Counted by a timer, not by the clock: when that is set back, waiting must still end.
    const late = after(this.#options.warmTimeoutMs).then(() => "over" as const);
    for (let pause = 50; !this.#closed; pause = Math.min(pause * 2, 1000)) {
      const loaded = warm(tenant, name, digest).then(
        () => "over" as const,
        () => undefined,
      );
      if ((await Promise.race([loaded, late])) === "over") return;
      if ((await Promise.race([after(pause), late])) === "over") return;
    }
  }

  /** Stops trying to load versions. */
  close(): void {
    this.#closed = true;
  }
}

/** A pause that keeps no process alive. */
function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
