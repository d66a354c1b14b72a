import type { Digest } from "../kit/digest.ts";
import type { LoadedVersion } from "./loaded-version.ts";

/**
 * Versions in memory, several at once, so that going back to one costs nothing. When their files exceed the budget, those
 * longest unused go first; one that is answering is closed only after its last answer.
 */
export class VersionCache {
  readonly #load: (tenant: string, digest: Digest) => Promise<LoadedVersion>;
  readonly #maxBytes: number;
  /** In order of last use, oldest first. */
  readonly #held = new Map<string, Held>();
  readonly #loading = new Map<string, Promise<Held>>();
  #bytes = 0;

  constructor(load: (tenant: string, digest: Digest) => Promise<LoadedVersion>, maxBytes: number) {
    this.#load = load;
    this.#maxBytes = maxBytes;
  }

  /** What is loaded now, with its tenant. */
  get loaded(): readonly { readonly tenant: string; readonly digest: Digest; readonly bytes: number }[] {
    return Array.from(this.#held.values(), ({ tenant, version }) => ({
      tenant,
      digest: version.digest,
      bytes: version.bytes,
    }));
  }

  /**
   * Uses a version, loading it first if need be; callers that want the same one share one load. A failed load is not
   * remembered. @throws what loading throws
   */
  async use<T>(tenant: string, digest: Digest, work: (version: LoadedVersion) => Promise<T> | T): Promise<T> {
    let held = await this.#get(tenant, digest);
    // Between its load and here it may have had to make room already.
    while (held.evicted) held = await this.#get(tenant, digest);
    held.users++;
    try {
      return await work(held.version);
    } finally {
      held.users--;
      if (held.evicted && held.users === 0) await held.version.model.close();
    }
  }

  async #get(tenant: string, digest: Digest): Promise<Held> {
    // The tenant is part of the key: equal bytes of two tenants are two versions, each checked for its own tenant.
    const key = `${tenant}/${digest}`;
    const held = this.#held.get(key);
    if (held) {
      this.#held.delete(key);
      this.#held.set(key, held);
      return held;
    }
    let loading = this.#loading.get(key);
    if (!loading) {
      loading = this.#load(tenant, digest)
        .then((version) => this.#keep(key, tenant, version))
        .finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  #keep(key: string, tenant: string, version: LoadedVersion): Held {
    const held: Held = { tenant, version, users: 0, evicted: false };
    this.#held.set(key, held);
    this.#bytes += version.bytes;
    for (const [oldKey, old] of this.#held) {
      if (this.#bytes <= this.#maxBytes || old === held) break;
      this.#evict(oldKey, old);
    }
    return held;
  }

  #evict(key: string, held: Held): void {
    this.#held.delete(key);
    this.#bytes -= held.version.bytes;
    held.evicted = true;
    if (held.users === 0) void held.version.model.close().catch(() => {});
  }

  /** Drops everything; versions still answering close after their last answer. */
  close(): void {
    for (const [key, held] of this.#held) this.#evict(key, held);
  }
}

interface Held {
  readonly tenant: string;
  readonly version: LoadedVersion;
  users: number;
  evicted: boolean;
}
