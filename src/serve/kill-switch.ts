import { sha256Hex } from "../kit/bytes.ts";
import type { Clock } from "../kit/clock.ts";
import { isCastellanError } from "../kit/errors.ts";
import type { KillFact, KillMirror, KillSource, KillVerifier } from "./ports.ts";
import { Refusal } from "./refusal.ts";

export interface KillSwitchPorts {
  /** The store. */
  readonly source: KillSource;
  /** `HOME/kill-epoch.json`: read like the source, and kept up to date, so that a kill outlives the store. */
  readonly mirror: KillMirror;
  readonly verify: KillVerifier;
  /** Time that only goes forward, whatever happens to the wall clock (milliseconds). */
  readonly monotonic: Clock;
}

export interface KillStatus {
  readonly epoch: number;
  /** Why nothing is served although nobody said so; undefined when the switch itself is sound. */
  readonly closed: string | undefined;
  readonly kills: readonly KillFact[];
  /** The mirror could not be written; the switch itself still works. */
  readonly mirrorError: string | undefined;
}

interface Watched<S extends KillSource> {
  readonly source: S;
  stamp: string | undefined;
  /** Highest epoch this source has shown. */
  epoch: number;
}

/** Milliseconds without a successful look after which nothing is served. */
export const defaultKillStaleMs = 3000;

/**
 * The kill switch as the gateway sees it. Its state is the newest signed statement of every scope and target, from the
 * store and its mirror together, and only ever moves to higher epochs. It fails closed: before the first look, when a
 * source cannot be read for some seconds, at once when a statement does not verify or a source's epoch went down.
 */
export class KillSwitch {
  readonly #ports: KillSwitchPorts;
  readonly #staleMs: number;
  readonly #store: Watched<KillSource>;
  readonly #mirror: Watched<KillMirror>;
  /** Newest fact of every scope and target, with its envelope. */
  readonly #facts = new Map<string, { readonly fact: KillFact; readonly envelope: Uint8Array }>();
  #verified = new Map<string, KillFact>();
  #epoch = 0;
  #active: ReadonlyMap<string, KillFact> = new Map();
  #closed: string | undefined = "the kill switch has not been read yet";
  #mirrorError: string | undefined;
  #lastGood = Number.NEGATIVE_INFINITY;
  #busy: Promise<boolean> | undefined;

  constructor(ports: KillSwitchPorts, staleMs: number = defaultKillStaleMs) {
    this.#ports = ports;
    this.#staleMs = staleMs;
    this.#store = { source: ports.source, stamp: undefined, epoch: 0 };
    this.#mirror = { source: ports.mirror, stamp: undefined, epoch: 0 };
  }

  /**
   * Why a request for this model may not be served, or undefined. Called at request start, before forwarding and for
   * every chunk of a response, so it allocates nothing while nothing is killed.
   */
  check(tenant: string, name: string): Refusal | undefined {
    if (this.#closed !== undefined) return closedRefusal(this.#closed);
    if (this.#ports.monotonic.now() - this.#lastGood > this.#staleMs) {
      return closedRefusal("its state could not be read lately");
    }
    if (this.#active.size === 0) return undefined;
    const fact =
      this.#active.get("all:") ?? this.#active.get(`tenant:${tenant}`) ?? this.#active.get(`model:${tenant}/${name}`);
    return fact && killedRefusal(fact);
  }

  status(): KillStatus {
    const stale = this.#ports.monotonic.now() - this.#lastGood > this.#staleMs;
    return {
      epoch: this.#epoch,
      closed: this.#closed ?? (stale ? "its state could not be read lately" : undefined),
      kills: [...this.#active.values()],
      mirrorError: this.#mirrorError,
    };
  }

  /**
   * Looks once at store and mirror. True when what is killed (or closed) may have changed. Never throws: what goes wrong
   * closes the switch, at once or once it is stale. Calls that overlap share one look.
   */
  poll(): Promise<boolean> {
    this.#busy ??= this.#look().finally(() => {
      this.#busy = undefined;
    });
    return this.#busy;
  }

  async #look(): Promise<boolean> {
    const closedBefore = this.#closed;
    try {
      const epochBefore = this.#epoch;
      let news = closedBefore !== undefined;
      for (const watched of [this.#store, this.#mirror]) news = (await this.#read(watched)) || news;
      if (!news) {
        this.#lastGood = this.#ports.monotonic.now();
        return false;
      }
      this.#active = new Map(
        [...this.#facts].filter(([, { fact }]) => fact.killed).map(([key, { fact }]) => [key, fact] as const),
      );
      this.#closed = undefined;
      this.#lastGood = this.#ports.monotonic.now();
      if (this.#mirror.epoch < this.#epoch) await this.#writeMirror();
      return this.#epoch !== epochBefore || closedBefore !== undefined;
    } catch (error) {
      // A wrong signature or a lower epoch is not a passing fault; an unreadable file may be, until it is stale.
      if (isCastellanError(error, "SIGNATURE", "UNTRUSTED", "MALFORMED", "INTEGRITY", "UNSUPPORTED", "LIMIT")) {
        this.#closed = error.message;
      }
      return this.#closed !== closedBefore;
    }
  }

  /** Reads a source if its stamp changed and takes in what is newer. True when it was read. @throws INTEGRITY and what the verifier throws */
  async #read(watched: Watched<KillSource>): Promise<boolean> {
    const stamp = await watched.source.stamp();
    if (stamp === watched.stamp) return false;
    watched.stamp = undefined;
    const envelopes = await watched.source.read();
    const verified = new Map<string, KillFact>();
    let epoch = 0;
    for (const envelope of envelopes) {
      const digest = sha256Hex(envelope);
      const fact = this.#verified.get(digest) ?? this.#ports.verify(envelope);
      verified.set(digest, fact);
      epoch = Math.max(epoch, fact.epoch);
      this.#take(fact, envelope);
    }
    for (const [digest, fact] of verified) this.#verified.set(digest, fact);
    // A mirror behind a store that has moved on is simply written again.
    const rewritten = watched === this.#mirror && this.#epoch > watched.epoch;
    if (epoch < watched.epoch && !rewritten) {
      throw new Refusal(503, "INTEGRITY", {
        message: `${watched.source.title} went back from kill-switch epoch ${watched.epoch} to ${epoch}`,
        next: "Find out who replaced it; a later kill or resume statement opens the switch again.",
      });
    }
    watched.epoch = epoch;
    watched.stamp = stamp;
    return true;
  }

  #take(fact: KillFact, envelope: Uint8Array): void {
    const key = `${fact.scope}:${fact.target}`;
    const known = this.#facts.get(key)?.fact;
    // Two statements of one epoch about one target cannot both be ours; the one that kills wins.
    if (known && (known.epoch > fact.epoch || (known.epoch === fact.epoch && known.killed))) return;
    this.#facts.set(key, { fact, envelope });
    this.#epoch = Math.max(this.#epoch, fact.epoch);
  }

  async #writeMirror(): Promise<void> {
    try {
      await this.#ports.mirror.write(
        this.#epoch,
        Array.from(this.#facts.values(), ({ envelope }) => envelope),
      );
      this.#mirrorError = undefined;
    } catch (error) {
      this.#mirrorError = error instanceof Error ? error.message : String(error);
    }
  }
}

function closedRefusal(why: string): Refusal {
  return new Refusal(503, "KILLED", {
    message: `Nothing is served, because the kill switch cannot be trusted: ${why}`,
    next: "Make the store and kill-epoch.json readable again; see `castellan status`.",
  });
}

function killedRefusal(fact: KillFact): Refusal {
  const what = { all: "Everything", tenant: `Tenant ${fact.target}`, model: `Model ${fact.target}` }[fact.scope];
  return new Refusal(
    503,
    "KILLED",
    { message: `${what} is switched off: ${fact.why}`, next: "An operator can lift it with `castellan resume`." },
    { killSwitch: { epoch: fact.epoch, scope: fact.scope, target: fact.target, at: fact.at } },
  );
}
