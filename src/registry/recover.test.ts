import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { generateIdentity } from "../seal/age/identity.ts";
import type { RegistryOptions, StoreKey } from "./context.ts";
import { openRegistry, type Registry } from "./registry.ts";
import { mortal } from "./testing/fuse.ts";
import { all, dataset, model, promoted, type TestHome, testHome, verdict } from "./testing/home.ts";

let home: TestHome;
beforeEach(async () => {
  home = await testHome();
});
afterEach(() => home.close());

/** Something to be done, with the state it needs, and how to see whether it was. */
interface Scenario {
  prepare(
    registry: Registry,
    run: number,
  ): Promise<{
    readonly act: (registry: Registry) => Promise<unknown>;
    readonly done: () => Promise<boolean>;
  }>;
}

const prod = (name: string) => ({ tenant: "default", name, alias: "prod" });
const pointsTo = async (name: string, digest: Digest) =>
  (await home.repository.alias("default", name, "prod"))?.digest === digest;
const stateOf = async (digest: Digest) => (await home.repository.version("default", digest))?.state;

const scenarios: { readonly [name: string]: Scenario } = {
  register: {
    async prepare(_, run) {
      return {
        act: (registry) => model(registry, "m", `new ${run}`),
        done: async () => (await home.repository.versionsNamed("default", "m")).length === run,
      };
    },
  },
  "add a tenant": {
    async prepare(_, run) {
      return {
        act: (registry) => registry.addTenant(`t${run}`),
        done: async () => (await home.repository.tenants()).includes(`t${run}`),
      };
    },
  },
  promote: {
    async prepare(registry, run) {
      const row = await model(registry, "m", `promoted ${run}`);
      const { digest } = await verdict(registry, row);
      return {
        act: (registry) => registry.promote({ ...prod("m"), version: row.digest, verdict: digest }),
        done: () => pointsTo("m", row.digest),
      };
    },
  },
  "roll back": {
    async prepare(registry, run) {
      const [a, b] = [await model(registry, `m${run}`, `a ${run}`), await model(registry, `m${run}`, `b ${run}`)];
      await promoted(registry, a);
      await promoted(registry, b);
      return { act: (registry) => registry.rollback(prod(`m${run}`)), done: () => pointsTo(`m${run}`, a.digest) };
    },
  },
  revoke: {
    async prepare(registry, run) {
      const row = await dataset(registry, "d", `rows ${run}`);
      const child = await model(registry, "m", `child ${run}`, { inputs: [{ digest: row.digest, role: "source" }] });
      return {
        act: (registry) => registry.revoke({ tenant: "default", version: row.digest, why: "bad" }),
        async done() {
          const flagged = (await home.repository.version("default", child.digest))?.flaggedBy === row.digest;
          const revoked = (await stateOf(row.digest)) === "revoked";
          return flagged === revoked ? revoked : fail("INTERNAL", "half revoked");
        },
      };
    },
  },
  erase: {
    async prepare(registry, run) {
      const row = await model(registry, `e${run}`, `content ${run}`);
      await promoted(registry, row);
      return {
        act: (registry) => registry.erase({ tenant: "default", version: row.digest, why: "asked for" }),
        async done() {
          const erased = (await stateOf(row.digest)) === "erased";
          const [object] = await home.repository.objects("default", row.digest);
          const gone = [
            object?.header === undefined,
            !(await home.blobs.has(object!.blobKey)),
            !(await pointsTo(`e${run}`, row.digest)),
          ];
          return gone.every((one) => one === erased) ? erased : fail("INTERNAL", "half erased");
        },
      };
    },
  },
  "set the kill switch": {
    async prepare(_, run) {
      return {
        act: (registry) => registry.setKill({ scope: "model", target: `default/k${run}`, killed: true, why: "drill" }),
        done: async () => (await home.repository.kills()).some(({ target }) => target === `default/k${run}`),
      };
    },
  },
  declare: {
    async prepare(registry, run) {
      const row = await model(registry, "m", `declared ${run}`);
      const declaration = { tenant: "default", version: row.digest, predicateType: "urn:x:y", predicate: { run } };
      return {
        act: (registry) => registry.declare(declaration),
        done: async () => (await home.repository.statementsAbout("default", row.digest)).length === 2,
      };
    },
  },
};

describe("an operation whose process dies at any step is afterwards done or not begun", () => {
  it.each(Object.keys(scenarios))(
    "%s",
    async (name) => {
      const outcomes = { done: 0, undone: 0 };
      for (let at = 1; ; at++) {
        const { act, done } = await scenarios[name]!.prepare(home.registry, at);
        const doomed = mortal(home.options, at);
        const attempt = await openRegistry(doomed.ports)
          .then(act)
          .then(
            () => "acknowledged",
            () => "died",
          );
        if (attempt === "acknowledged" && !doomed.died()) break;
        const reopened = await home.reopen();
        expect(await home.repository.pendingStatements()).toEqual([]);
        const after = await done();
        if (attempt === "acknowledged") expect(after).toBe(true);
        outcomes[after ? "done" : "undone"] += 1;
        if (!after) {
          await act(reopened);
          expect(await done()).toBe(true);
        }
        if (at % 3 === 0) expect((await reopened.verifyStored()).problems).toEqual([]);
      }
      expect(outcomes.done).toBeGreaterThan(1);
      expect(outcomes.undone).toBeGreaterThan(1);
      await home.registry.sweep(-1);
      expect((await home.registry.verifyStored()).orphans).toEqual([]);
    },
    120_000,
  );
});

describe("a rotation of the store key that dies at any step", () => {
  it("leaves everything readable with both keys, and is completed by doing it again", async () => {
    for (let i = 0; i < 18; i++) await model(home.registry, "m", `content ${i}`);
    let key = home.storeKey;
    let older: string[] = [];
    for (let at = 1; ; at += 6) {
      const next = generateIdentity();
      const doomed = mortal({ ...home.options, storeKey: key, olderIdentities: older }, at);
      const finished = await rotated(doomed.ports, next);
      const both = await home.reopen({ storeKey: next, olderIdentities: [key.identity, ...older] });
      expect((await both.verifyStored()).problems).toEqual([]);
      if (!finished) await both.rotateStoreKey(next);
      const alone = await home.reopen({ storeKey: next });
      expect((await alone.verifyStored()).problems).toEqual([]);
      [key, older] = [next, []];
      if (finished) break;
    }
  }, 120_000);
});

/** False when it died on the way. */
async function rotated(ports: RegistryOptions, next: StoreKey): Promise<boolean> {
  try {
    const registry = await openRegistry(ports);
    await registry.rotateStoreKey(next);
    return true;
  } catch {
    return false;
  }
}

describe("recovery", () => {
  it("refuses to complete a pending change of state that this registry did not sign", async () => {
    const row = await model(home.registry, "m", "x");
    const other = await testHome();
    const theirs = await model(other.registry, "m", "x");
    const { statement } = await other.registry.revoke({ tenant: "default", version: theirs.digest, why: "forged" });
    await home.repository.addStatement({ ...statement, state: "pending", logIndex: undefined });
    await other.close();
    await expect(home.reopen()).rejects.toMatchObject({ code: "INTEGRITY" });
    await expect(model(home.registry, "m", "y")).rejects.toMatchObject({ code: "INTEGRITY" });
    expect((await home.repository.version("default", row.digest))?.state).toBe("live");
  });

  it("completes what stayed pending when the log could not be written, and said so", async () => {
    const full = await home.reopen({
      async openLog() {
        const log = await home.options.openLog();
        return {
          origin: log.origin,
          vkey: log.vkey,
          size: log.size,
          append: async () => fail("STORAGE_FULL", { message: "the disk is full", next: "Free some space." }),
          publish: () => log.publish(),
          close: () => log.close(),
        };
      },
    });
    await expect(model(full, "m", "x")).rejects.toMatchObject({
      code: "STORAGE_FULL",
      next: expect.stringContaining("pending") as string,
    });
    expect(await all(home.blobs.list())).toHaveLength(1);
    await model(home.registry, "m", "y");
    expect((await home.repository.versions()).map(({ statement }) => statement)).toHaveLength(2);
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });
});
