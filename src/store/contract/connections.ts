import { expect, test } from "vitest";
import { utf8 } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import type { Repository } from "../repository.ts";
import { aliasRow, digestOf, killRow, moment, objectRow, register, statementRow } from "./rows.ts";
import { codeOf, type MakeStore, onFreshStore } from "./subject.ts";

/** The revision, read-only connections, and closing. */
export function connectionContract(make: MakeStore): void {
  test("every kind of committed write changes the revision for every connection; reads, facts and failures do not", () =>
    onFreshStore(make, async (repository, another) => {
      const watcher = await another({ readOnly: true });
      let last = await repository.revision();
      const changes = async (write: () => Promise<unknown>) => {
        await write();
        const now = await repository.revision();
        const changed = now !== last;
        expect(await watcher.revision()).toBe(now);
        last = now;
        return changed;
      };
      const version = digestOf("v1");
      const writes: ((tx: Repository) => Promise<unknown>)[] = [
        (tx) => tx.addTenant("acme", moment),
        (tx) => register(tx, "v1"),
        (tx) => register(tx, "v2"),
        (tx) => tx.addObjects([objectRow("v1", "f")]),
        (tx) => tx.rewrapObject("default", version, "f", utf8("new"), "age1second"),
        (tx) => tx.setAlias(aliasRow("v1", 1)),
        (tx) => tx.removeAlias(aliasRow("v1", 2, { action: "withdraw" })),
        (tx) => tx.setKill(killRow("v1", 1)),
        (tx) => tx.addStatement(statementRow("s")),
        (tx) => tx.markLogged(digestOf("statement s"), 1),
        (tx) => tx.flagVersion("default", digestOf("v2"), version),
        (tx) => tx.endVersion("default", version, "revoked", digestOf("statement s")),
        (tx) => tx.destroyKeys("default", version),
      ];
      for (const write of writes) expect(await changes(() => write(repository)), write.toString()).toBe(true);
      expect(await changes(() => repository.setFact("a", "b"))).toBe(false);
      expect(await changes(() => repository.versions())).toBe(false);
      expect(await changes(() => codeOf(repository.addTenant("acme", moment)))).toBe(false);
      expect(
        await changes(() =>
          codeOf(
            repository.transaction(async (tx) => {
              await tx.addTenant("half", moment);
              fail("POLICY", "stop");
            }),
          ),
        ),
      ).toBe(false);
    }));

  test("the revision does not move before the commit", () =>
    onFreshStore(make, async (repository, another) => {
      const watcher = await another({ readOnly: true });
      const before = await repository.revision();
      await repository.transaction(async (tx) => {
        await tx.addTenant("acme", moment);
        expect(await watcher.revision()).toBe(before);
        expect(await repository.revision()).toBe(before);
      });
      expect(await watcher.revision()).not.toBe(before);
    }));

  test("a read-only connection sees new commits and refuses every write", () =>
    onFreshStore(make, async (repository, another) => {
      const reader = await another({ readOnly: true });
      await register(repository, "v1");
      expect((await reader.versions()).length).toBe(1);
      expect(await reader.transaction((tx) => tx.tenants())).toEqual(["default"]);
      expect(await codeOf(reader.addTenant("acme", moment))).toBe("FORBIDDEN");
      expect(await codeOf(reader.transaction((tx) => tx.setFact("a", "b")))).toBe("FORBIDDEN");
      expect(await codeOf(reader.destroyKeys("default", digestOf("v1")))).toBe("FORBIDDEN");
    }));

  test("a closed store answers nothing more; closing twice is fine", () =>
    onFreshStore(make, async (_repository, another) => {
      const repository = await another();
      await repository.close();
      await repository.close();
      expect(await codeOf(repository.tenants())).toBe("INTERNAL");
      expect(await codeOf(repository.setFact("a", "b"))).toBe("INTERNAL");
      expect(await codeOf(repository.revision())).toBe("INTERNAL");
      expect(await codeOf(repository.transaction(async () => undefined))).toBe("INTERNAL");
    }));
}
