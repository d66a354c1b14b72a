import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Repository } from "../repository.ts";
import { aliasRow, all, digestOf, killRow, moment, objectRow, register, statementRow, versionRow } from "./rows.ts";
import { codeOf, type MakeStore, onFreshStore } from "./subject.ts";

/** Atomicity, isolation, joining, revision, and connections side by side. */
export function transactionContract(make: MakeStore): void {
  const failing = async (repository: Repository, work: (tx: Repository) => Promise<unknown>) => {
    const error = new Error("stop");
    await expect(
      repository.transaction(async (tx) => {
        await work(tx);
        throw error;
      }),
    ).rejects.toBe(error);
  };

  test("a transaction that throws leaves nothing of any kind", () =>
    onFreshStore(make, async (repository) => {
      await register(repository, "old");
      await repository.addObjects([objectRow("old", "f")]);
      const before = await everything(repository);
      await failing(repository, async (tx) => {
        await tx.addTenant("acme", moment);
        await register(tx, "v1", { inputs: [{ digest: digestOf("x"), role: "external" }] });
        await tx.addObjects([objectRow("v1", "f")]);
        await tx.setAlias(aliasRow("v1", 1));
        await tx.setKill(killRow("v1", 1));
        await tx.setFact("a", "b");
        await tx.markLogged(digestOf("statement old"), 3);
        await tx.endVersion("default", digestOf("old"), "erased", digestOf("statement v1"));
        await tx.destroyKeys("default", digestOf("old"));
        expect(await tx.alias("default", "credit", "prod")).toBeDefined();
      });
      expect(await everything(repository)).toStrictEqual(before);
    }));

  test("what a transaction returned is there, also for another connection", () =>
    onFreshStore(make, async (repository, another) => {
      const other = await another();
      const returned = await repository.transaction(async (tx) => {
        await tx.addStatement(statementRow("v1"));
        expect(await other.statement(digestOf("statement v1"))).toBeUndefined();
        await tx.addVersion(versionRow("v1"));
        return 42;
      });
      expect(returned).toBe(42);
      expect((await other.version("default", digestOf("v1")))?.name).toBe("credit");
    }));

  test("a failed step dooms its transaction, even when its error is caught", () =>
    onFreshStore(make, async (repository) => {
      const swallowing = repository.transaction(async (tx) => {
        await tx.addTenant("acme", moment);
        expect(await codeOf(tx.addTenant("acme", moment))).toBe("CONFLICT");
        expect(await codeOf(tx.tenants())).toBe("CONFLICT");
      });
      expect(await codeOf(swallowing)).toBe("CONFLICT");
      expect(await repository.tenants()).toEqual(["default"]);
    }));

  test("a step nobody waited for still belongs to its transaction", () =>
    onFreshStore(make, async (repository) => {
      await repository.transaction(async (tx) => {
        void tx.addTenant("acme", moment);
      });
      expect(await repository.tenants()).toEqual(["acme", "default"]);
      const careless = repository.transaction(async (tx) => {
        tx.addTenant("acme", moment).catch(() => undefined);
      });
      expect(await codeOf(careless)).toBe("CONFLICT");
    }));

  test("nested transactions join the outer one, by the handle or from within", () =>
    onFreshStore(make, async (repository) => {
      await failing(repository, async (tx) => {
        await tx.transaction((inner) => inner.addTenant("one", moment));
        await repository.transaction((inner) => inner.addTenant("two", moment));
        await repository.addTenant("three", moment);
        expect(await repository.tenants()).toEqual(["default", "one", "three", "two"]);
      });
      expect(await repository.tenants()).toEqual(["default"]);
      const caught = repository.transaction(async (tx) => {
        await tx.addTenant("one", moment);
        await failing(tx, (inner) => inner.addTenant("two", moment));
      });
      await expect(caught).rejects.toThrow("stop");
      expect(await repository.tenants()).toEqual(["default"]);
    }));

  test("a transaction's handle is useless afterwards, and cannot close the store", () =>
    onFreshStore(make, async (repository) => {
      const leaked = await repository
        .transaction(async (tx) => {
          expect(await codeOf(tx.close())).toBe("INTERNAL");
          return { tx };
        })
        .catch((error: unknown) => ({ error }));
      expect("tx" in leaked).toBe(true);
      if (!("tx" in leaked)) return;
      expect(await codeOf(leaked.tx.tenants())).toBe("INTERNAL");
      expect(await codeOf(leaked.tx.addTenant("x", moment))).toBe("INTERNAL");
      expect(await codeOf(leaked.tx.transaction(async () => undefined))).toBe("INTERNAL");
    }));

  test("fifty transactions at once on two connections lose no update", () =>
    onFreshStore(make, async (repository, another) => {
      const connections = [repository, await another()];
      await register(repository, "v1");
      await repository.setAlias(aliasRow("v1", 0));
      const increment = (n: number) =>
        connections[n % 2]!.transaction(async (tx) => {
          const present = await tx.alias("default", "credit", "prod");
          await sleep(Math.random() * 3);
          await tx.setFact("count", String(Number((await tx.fact("count")) ?? 0) + 1));
          await tx.setAlias(aliasRow("v1", present!.sequence + 1));
        });
      await Promise.all(Array.from({ length: 50 }, (_, n) => increment(n)));
      expect((await repository.alias("default", "credit", "prod"))?.sequence).toBe(50);
      expect(await repository.fact("count")).toBe("50");
      expect((await repository.aliasHistory("default", "credit")).map((row) => row.sequence)).toEqual(
        Array.from({ length: 51 }, (_, n) => n),
      );
    }));

  test("a reader beside a transaction sees all of it or nothing", () =>
    onFreshStore(make, async (repository, another) => {
      const reader = await another({ readOnly: true });
      let done = false;
      const writer = (async () => {
        for (let n = 0; n < 30; n++) {
          await repository.transaction(async (tx) => {
            await tx.setFact("left", String(n));
            await sleep(0);
            await tx.setFact("right", String(n));
          });
        }
      })().finally(() => {
        done = true;
      });
      const look = async (): Promise<number> => {
        const [left, right] = await reader.transaction(async (tx) => [await tx.fact("left"), await tx.fact("right")]);
        expect(left).toBe(right);
        await sleep(0);
        return done ? 1 : 1 + (await look());
      };
      const looks = await look();
      await writer;
      expect(looks).toBeGreaterThan(0);
    }));

  test("tenants never see each other, whatever digest they share", () =>
    onFreshStore(make, async (repository) => {
      await repository.addTenant("acme", moment);
      const input = [{ digest: digestOf("data"), role: "training-data" }];
      await register(repository, "v", { inputs: input });
      const theirs = await register(repository, "v", { tenant: "acme", statement: digestOf("theirs"), licence: "MIT" });
      await repository.addObjects([objectRow("v", "f"), objectRow("v", "g", { tenant: "acme" })]);
      await repository.setAlias(aliasRow("v", 1, { tenant: "acme", statement: digestOf("theirs") }));
      expect((await repository.version("default", digestOf("v")))?.licence).toBeUndefined();
      expect(await repository.version("acme", digestOf("v"))).toEqual(theirs);
      expect((await repository.versionsNamed("acme", "credit")).length).toBe(1);
      expect((await repository.versions("acme")).map((row) => row.tenant)).toEqual(["acme"]);
      expect(await repository.derivedFrom("acme", digestOf("data"))).toEqual([]);
      expect((await repository.objects("acme", digestOf("v"))).map((row) => row.path)).toEqual(["g"]);
      expect((await repository.statementsAbout("acme", digestOf("v"))).map((row) => row.digest)).toEqual([
        digestOf("theirs"),
      ]);
      expect(await repository.alias("default", "credit", "prod")).toBeUndefined();
      expect(await repository.aliasHistory("default", "credit")).toEqual([]);
      // One tenant's statement cannot act on another's version.
      expect(await codeOf(repository.endVersion("default", digestOf("v"), "revoked", digestOf("theirs")))).toBe(
        "NOT_FOUND",
      );
      expect(await codeOf(repository.setAlias(aliasRow("v", 1, { statement: digestOf("theirs") })))).toBe("NOT_FOUND");
      await repository.endVersion("acme", digestOf("v"), "erased", digestOf("theirs"));
      expect(await repository.destroyKeys("acme", digestOf("v"))).toBe(1);
      expect((await repository.version("default", digestOf("v")))?.state).toBe("live");
      expect((await repository.objects("default", digestOf("v")))[0]?.header).toBeDefined();
    }));

  test("erasing keeps versions, statements and history", () =>
    onFreshStore(make, async (repository) => {
      await register(repository, "v1");
      await repository.addObjects([objectRow("v1", "f")]);
      await repository.setAlias(aliasRow("v1", 1));
      const statements = await repository.statementsAbout("default", digestOf("v1"));
      await repository.transaction(async (tx) => {
        await tx.addStatement(statementRow("end", { subjects: [digestOf("v1")] }));
        await tx.endVersion("default", digestOf("v1"), "erased", digestOf("statement end"));
        await tx.destroyKeys("default", digestOf("v1"));
        await tx.removeAlias(aliasRow("v1", 2, { action: "withdraw" }));
      });
      expect(await repository.statementsAbout("default", digestOf("v1"))).toMatchObject([
        ...statements,
        { state: "pending" },
      ]);
      expect((await repository.version("default", digestOf("v1")))?.manifest).toEqual(versionRow("v1").manifest);
      expect((await repository.objects("default", digestOf("v1"))).length).toBe(1);
      expect((await repository.aliasHistory("default", "credit")).length).toBe(2);
    }));
}

async function everything(repository: Repository): Promise<unknown> {
  return {
    tenants: await repository.tenants(),
    versions: await repository.versions(),
    objects: await all(repository.allObjects()),
    statements: await all(repository.statements()),
    aliases: await repository.aliases(),
    history: await repository.aliasHistory("default", "credit"),
    kills: await repository.kills(),
    fact: await repository.fact("a"),
    revision: await repository.revision(),
  };
}
