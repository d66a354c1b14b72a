import { expect, test } from "vitest";
import { all, aliasRow, digestOf, killRow, register, statementRow } from "./rows.ts";
import { codeOf, type MakeStore, onFreshStore } from "./subject.ts";

/** Statements, aliases, kill switch and facts. */
export function recordContract(make: MakeStore): void {
  test("a statement comes back byte for byte, with and without bundle", () =>
    onFreshStore(make, async (repository) => {
      const everyByte = Uint8Array.from({ length: 256 }, (_, n) => n);
      const rows = [
        statementRow("plain", { subjects: [digestOf("b"), digestOf("a"), digestOf("b")] }),
        statementRow("bundled", { envelope: everyByte, bundle: everyByte, salt: everyByte, leaf: new Uint8Array() }),
        statementRow("logged", { state: "logged", logIndex: 2 ** 40, subjects: [] }),
      ];
      for (const row of rows) await repository.addStatement(row);
      for (const row of rows) expect(await repository.statement(row.digest)).toStrictEqual(row);
      expect(await repository.statement(digestOf("none"))).toBeUndefined();
      expect(await all(repository.statements())).toStrictEqual(rows);
      expect(await codeOf(repository.addStatement(rows[0]!))).toBe("CONFLICT");
      expect(await codeOf(repository.addStatement(statementRow("x", { tenant: "nobody" })))).toBe("NOT_FOUND");
      expect(await codeOf(repository.addStatement(statementRow("x", { logIndex: 1 })))).toBe("MALFORMED");
    }));

  test("an envelope of eight megabytes survives", () =>
    onFreshStore(make, async (repository) => {
      const envelope = new Uint8Array(8 * 1024 * 1024).map((_, at) => (at * 31) >> 3);
      const row = statementRow("large", { envelope });
      await repository.addStatement(row);
      const found = await repository.statement(row.digest);
      expect(Buffer.compare(found?.envelope ?? new Uint8Array(), envelope)).toBe(0);
    }));

  test("statements are found by any of their subjects, in the order they were recorded", () =>
    onFreshStore(make, async (repository) => {
      const about = (word: string, ...subjects: string[]) => statementRow(word, { subjects: subjects.map(digestOf) });
      const [one, two, three] = [about("z", "m"), about("y", "k", "m", "m"), about("x", "k")];
      for (const row of [one, two, three]) await repository.addStatement(row);
      expect(await repository.statementsAbout("default", digestOf("m"))).toStrictEqual([one, two]);
      expect(await repository.statementsAbout("default", digestOf("k"))).toStrictEqual([two, three]);
      expect(await repository.statementsAbout("default", digestOf("none"))).toEqual([]);
      expect(await repository.statementsAbout("nobody", digestOf("m"))).toEqual([]);
    }));

  test("pending statements become logged, once, at their own index", () =>
    onFreshStore(make, async (repository) => {
      for (const word of ["c", "a", "b"]) await repository.addStatement(statementRow(word));
      const digest = digestOf("statement a");
      await repository.markLogged(digest, 7);
      await repository.markLogged(digest, 7);
      expect(await repository.statement(digest)).toMatchObject({ state: "logged", logIndex: 7 });
      expect((await repository.pendingStatements()).map((row) => row.digest)).toEqual(
        ["c", "b"].map((word) => digestOf(`statement ${word}`)),
      );
      expect(await codeOf(repository.markLogged(digest, 8))).toBe("CONFLICT");
      expect(await codeOf(repository.markLogged(digestOf("statement b"), 7))).toBe("CONFLICT");
      expect(await codeOf(repository.markLogged(digestOf("none"), 9))).toBe("NOT_FOUND");
      expect(await codeOf(repository.markLogged(digestOf("statement b"), -1))).toBe("MALFORMED");
    }));

  test("statements are read page by page, also of one tenant", () =>
    onFreshStore(make, async (repository) => {
      await repository.addTenant("acme", "2026-01-01T00:00:00Z");
      const rows = Array.from({ length: 150 }, (_, n) => statementRow(`${n}`, { tenant: n % 3 ? "default" : "acme" }));
      await repository.transaction(async (tx) => {
        for (const row of rows) await tx.addStatement(row);
      });
      expect(await all(repository.statements())).toStrictEqual(rows);
      expect(await all(repository.statements("acme"))).toStrictEqual(rows.filter((row) => row.tenant === "acme"));
      expect(await all(repository.statements("nobody"))).toEqual([]);
    }));

  test("an alias points where it was last set, and its history tells every change", () =>
    onFreshStore(make, async (repository) => {
      for (const word of ["v1", "v2"]) await register(repository, word);
      const first = aliasRow("v1", 1);
      const second = aliasRow("v1", 2, { canary: digestOf("v2"), canaryWeight: 10 });
      const third = aliasRow("v1", 3, { action: "rollback" });
      const staging = aliasRow("v2", 1, { alias: "staging" });
      for (const row of [first, second, staging, third]) await repository.setAlias(row);
      const { action: _action, ...present } = third;
      expect(await repository.alias("default", "credit", "prod")).toStrictEqual(present);
      expect(await repository.alias("default", "credit", "none")).toBeUndefined();
      expect(await repository.alias("nobody", "credit", "prod")).toBeUndefined();
      expect((await repository.aliases()).map((row) => row.alias)).toEqual(["prod", "staging"]);
      expect(await repository.aliases("nobody")).toEqual([]);
      expect(await repository.aliasHistory("default", "credit")).toStrictEqual([first, second, staging, third]);
      expect(await repository.aliasHistory("default", "other")).toEqual([]);
    }));

  test("an alias refuses a sequence it has seen, also after it was withdrawn", () =>
    onFreshStore(make, async (repository) => {
      await register(repository, "v1");
      await repository.setAlias(aliasRow("v1", 5));
      expect(await codeOf(repository.setAlias(aliasRow("v1", 5)))).toBe("CONFLICT");
      expect(await codeOf(repository.setAlias(aliasRow("v1", 4)))).toBe("CONFLICT");
      expect(await codeOf(repository.removeAlias(aliasRow("v1", 5, { action: "withdraw" })))).toBe("CONFLICT");
      await repository.removeAlias(aliasRow("v1", 6, { action: "withdraw" }));
      expect(await repository.aliases()).toEqual([]);
      expect(await codeOf(repository.removeAlias(aliasRow("v1", 7, { action: "withdraw" })))).toBe("NOT_FOUND");
      expect(await codeOf(repository.setAlias(aliasRow("v1", 6)))).toBe("CONFLICT");
      await repository.setAlias(aliasRow("v1", 7));
      expect((await repository.aliasHistory("default", "credit")).map((row) => row.action)).toEqual([
        "promote",
        "withdraw",
        "promote",
      ]);
    }));

  test("an alias points only to versions of its own name, and canary and weight belong together", () =>
    onFreshStore(make, async (repository) => {
      await register(repository, "v1");
      await register(repository, "other", { name: "other" });
      expect(await codeOf(repository.setAlias(aliasRow("other", 1)))).toBe("NOT_FOUND");
      expect(await codeOf(repository.setAlias(aliasRow("none", 1, { statement: digestOf("statement v1") })))).toBe(
        "NOT_FOUND",
      );
      const canary = digestOf("other");
      expect(await codeOf(repository.setAlias(aliasRow("v1", 1, { canary, canaryWeight: 1 })))).toBe("NOT_FOUND");
      expect(await codeOf(repository.setAlias(aliasRow("v1", 1, { canaryWeight: 1 })))).toBe("MALFORMED");
      const tooMuch = { canary: digestOf("v1"), canaryWeight: 101 };
      expect(await codeOf(repository.setAlias(aliasRow("v1", 1, tooMuch)))).toBe("MALFORMED");
      expect(await repository.aliasHistory("default", "credit")).toEqual([]);
    }));

  test("the kill switch keeps the newest setting of each target, in order of scope and target", () =>
    onFreshStore(make, async (repository) => {
      await repository.addStatement(statementRow("k"));
      const everything = killRow("k", 3, { scope: "all", target: "" });
      const unknownTenant = killRow("k", 4, { scope: "tenant", target: "nobody" });
      await repository.setKill(killRow("k", 1));
      await repository.setKill(unknownTenant);
      await repository.setKill(everything);
      const resumed = killRow("k", 5, { killed: false, why: "" });
      await repository.setKill(resumed);
      expect(await repository.kills()).toStrictEqual([everything, resumed, unknownTenant]);
      expect(await codeOf(repository.setKill(killRow("k", 5)))).toBe("CONFLICT");
      expect(await codeOf(repository.setKill(killRow("k", 4)))).toBe("CONFLICT");
      expect(await codeOf(repository.setKill(killRow("none", 9)))).toBe("NOT_FOUND");
      expect(await codeOf(repository.setKill(killRow("k", 9, { scope: "all", target: "x" })))).toBe("MALFORMED");
      expect((await repository.kills()).length).toBe(3);
    }));

  test("facts are remembered, replaced and missed; the store's format is its own", () =>
    onFreshStore(make, async (repository) => {
      expect(await repository.fact("store-key")).toBeUndefined();
      await repository.setFact("store-key", "age1one");
      await repository.setFact("store-key", "age1two");
      expect(await repository.fact("store-key")).toBe("age1two");
      expect(await repository.fact("store-format")).toMatch(/^\d+$/);
      expect(await codeOf(repository.setFact("store-format", "99"))).toBe("USAGE");
    }));
}
