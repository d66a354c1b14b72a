import { describe, expect, test } from "vitest";
import type { Verdict } from "../core/verdict.ts";
import { type Digest, digestOfHex } from "../kit/digest.ts";
import type { ServedAlias } from "./ports.ts";
import { isAdmitted, type ServingEntry } from "./serving-table.ts";
import { TableKeeper, type TableKeeperOptions } from "./table-keeper.ts";

const a = digestOfHex("a".repeat(64));
const b = digestOfHex("b".repeat(64));

/** A store, gate and model server that do what the test says. */
class Scene {
  rows: ServedAlias[] = [];
  revision = 1;
  time = 1_000_000;
  readonly refused = new Set<Digest>();
  readonly validUntil = new Map<Digest, string>();
  readonly warmed: Digest[] = [];
  readonly held = new Map<Digest, PromiseWithResolvers<void>>();
  asked = 0;
  error: Error | undefined;
  swaps = 0;
  readonly keeper: TableKeeper;

  constructor(options: TableKeeperOptions = {}) {
    this.keeper = new TableKeeper(
      {
        source: {
          revision: async () => {
            if (this.error) throw this.error;
            return this.revision;
          },
          snapshot: async () => this.rows,
        },
        gate: { admit: async (tenant, name, alias, version) => this.#verdict({ tenant, name, alias, version }) },
        clock: { now: () => this.time },
        warm: async (_tenant, _name, digest) => {
          await this.held.get(digest)?.promise;
          this.warmed.push(digest);
        },
        swapped: () => this.swaps++,
      },
      options,
    );
  }

  #verdict(about: Pick<Verdict, "tenant" | "name" | "alias" | "version">): Verdict {
    this.asked++;
    const no = this.refused.has(about.version);
    const requirement = { id: "signed", title: "Signed", reason: "no", evidence: [], outcome: "fail" as const };
    return {
      ...about,
      outcome: no ? "fail" : "pass",
      requirements: no ? [requirement] : [],
      policy: { name: "p", digest: a },
      evaluatedAt: "",
      validUntil: this.validUntil.get(about.version),
    };
  }

  promote(digest: Digest, more: Partial<ServedAlias> = {}): void {
    this.rows = [
      {
        tenant: "default",
        name: "credit",
        alias: "prod",
        digest,
        canaryWeight: 0,
        sequence: 1,
        ...more,
      },
    ];
    this.revision++;
  }

  hold(digest: Digest): () => void {
    const held = Promise.withResolvers<void>();
    this.held.set(digest, held);
    return () => held.resolve();
  }

  /** Looks, and lets what was set off by looking happen. */
  async look(): Promise<ServingEntry | undefined> {
    await this.keeper.poll();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await this.keeper.poll();
    return this.keeper.table.entries[0];
  }
}

describe("the table keeper", () => {
  test("serves what is promoted and admitted, and asks again only when something changed", async () => {
    const scene = new Scene();
    scene.promote(a);
    expect((await scene.look())?.primary).toMatchObject({ digest: a, proof: expect.anything() });
    const { asked } = scene;
    await scene.look();
    expect(scene.asked).toBe(asked);
    expect(scene.keeper.ready).toBe(true);
  });

  test("keeps the version before in place until the new one is loaded", async () => {
    const scene = new Scene();
    scene.promote(a);
    await scene.look();
    const release = scene.hold(b);
    scene.promote(b);
    expect(await scene.look()).toMatchObject({ primary: { digest: a }, pending: b });
    release();
    expect(await scene.look()).toMatchObject({ primary: { digest: b }, pending: undefined });
  });

  test("going back to a loaded version needs no loading", async () => {
    const scene = new Scene();
    scene.promote(a);
    await scene.look();
    scene.promote(b);
    await scene.look();
    scene.promote(a);
    await scene.keeper.poll();
    expect(scene.keeper.table.entries[0]).toMatchObject({ primary: { digest: a }, pending: undefined });
    expect(scene.warmed).toEqual([a, b]);
  });

  test("a version the gate no longer admits does not stand in for its successor", async () => {
    const scene = new Scene();
    scene.promote(a);
    await scene.look();
    scene.hold(b);
    scene.refused.add(a);
    scene.promote(b);
    expect(await scene.look()).toMatchObject({ primary: { digest: b }, pending: undefined });
  });

  test("an unproven successor is refused; the version before does not go on serving", async () => {
    const scene = new Scene();
    scene.promote(a);
    await scene.look();
    scene.refused.add(b);
    scene.promote(b);
    expect((await scene.look())?.primary).toMatchObject({ digest: b, outcome: "fail", missing: [{ id: "signed" }] });
  });

  test("a version that does not load takes over after the time allowed", async () => {
    const scene = new Scene({ warmTimeoutMs: 20 });
    scene.promote(a);
    await scene.look();
    scene.hold(b);
    scene.promote(b);
    expect(await scene.look()).toMatchObject({ primary: { digest: a } });
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(await scene.look()).toMatchObject({ primary: { digest: b } });
  });

  test("a canary gets requests once it is admitted and loaded; until then all go to the main version", async () => {
    const scene = new Scene();
    scene.promote(a);
    await scene.look();
    const release = scene.hold(b);
    scene.promote(a, { canary: b, canaryWeight: 10 });
    expect(await scene.look()).toMatchObject({ primary: { digest: a }, canary: undefined, weight: 10 });
    release();
    expect(await scene.look()).toMatchObject({ canary: { digest: b } });
    scene.refused.add(b);
    scene.revision++;
    expect(await scene.look()).toMatchObject({ canary: undefined, canaryRefused: { digest: b } });
  });

  test("a verdict that ends is asked for again when it ends", async () => {
    const scene = new Scene();
    scene.validUntil.set(a, new Date(scene.time + 1000).toISOString());
    scene.promote(a);
    await scene.look();
    const { asked } = scene;
    scene.time += 999;
    await scene.look();
    expect(scene.asked).toBe(asked);
    scene.time += 1;
    scene.refused.add(a);
    const entry = await scene.look();
    expect(entry && isAdmitted(entry.primary)).toBe(false);
  });

  test("the gate is asked again after five seconds although nothing seems to have changed", async () => {
    const scene = new Scene();
    scene.promote(a);
    await scene.look();
    scene.refused.add(a);
    scene.time += 5000;
    expect((await scene.look())?.primary).toMatchObject({ outcome: "fail" });
  });

  test("an alias no signed promotion bears out serves nothing, and the gate is not even asked", async () => {
    const scene = new Scene();
    scene.promote(a, { doubt: "the signed statement sets it differently" });
    expect((await scene.look())?.primary).toMatchObject({ missing: [{ id: "promotion" }] });
    expect(scene.asked).toBe(0);
  });

  test("a source that cannot be read leaves the table for ten seconds, then empties it, then fills it again", async () => {
    const scene = new Scene();
    scene.promote(a);
    await scene.look();
    scene.error = new Error("disk");
    await expect(scene.keeper.poll()).rejects.toThrow("disk");
    expect(scene.keeper.table.entries).toHaveLength(1);
    scene.time += 10_001;
    await expect(scene.keeper.poll()).rejects.toThrow("disk");
    expect(scene.keeper.table.entries).toHaveLength(0);
    scene.error = undefined;
    expect((await scene.look())?.primary).toMatchObject({ digest: a });
  });

  test("a replaced model server is warmed anew without anything going out of service", async () => {
    const scene = new Scene();
    scene.promote(a);
    await scene.look();
    scene.keeper.chill();
    await scene.keeper.poll();
    expect(scene.keeper.table.entries[0]).toMatchObject({ primary: { digest: a } });
    await scene.look();
    expect(scene.warmed).toEqual([a, a]);
  });
});
