import { expect, test } from "vitest";
import { utf8 } from "../../kit/bytes.ts";
import { all, digestOf, moment, objectRow, register, statementRow, versionRow } from "./rows.ts";
import { codeOf, type MakeStore, onFreshStore } from "./subject.ts";

/** Tenants, versions and objects. */
export function assetContract(make: MakeStore): void {
  test("tenants are listed by name, exist once, and need a usable name and time", () =>
    onFreshStore(make, async (repository) => {
      await repository.addTenant("zebra", moment);
      await repository.addTenant("acme", moment);
      expect(await repository.tenants()).toEqual(["acme", "default", "zebra"]);
      expect(await codeOf(repository.addTenant("acme", moment))).toBe("CONFLICT");
      expect(await codeOf(repository.addTenant("../etc", moment))).toBe("USAGE");
      expect(await codeOf(repository.addTenant("late", "yesterday"))).toBe("MALFORMED");
    }));

  test("a version comes back as it was added", () =>
    onFreshStore(make, async (repository) => {
      const row = await register(repository, "v1", {
        licence: "CC-BY-4.0",
        origin: "https://example.org/data?a=b",
        consentBasis: "contract",
        region: "eu",
        retainUntil: "2031-01-01T00:00:00Z",
        inputs: [
          { digest: digestOf("data"), role: "training-data" },
          { digest: digestOf("base"), role: "base-model" },
          { digest: digestOf("data"), role: "external" },
        ],
        facts: { epochs: 12, rate: 1e-3, nested: { list: [1, null, "x"] } },
      });
      expect(await repository.version("default", row.digest)).toEqual(row);
      expect(await repository.version("default", digestOf("other"))).toBeUndefined();
      expect(await repository.version("nobody", row.digest)).toBeUndefined();
    }));

  test("versions are listed in the order they were registered", () =>
    onFreshStore(make, async (repository) => {
      const words = ["c", "a", "d", "b"];
      for (const word of words) await register(repository, word, { name: word === "d" ? "other" : "credit" });
      const named = await repository.versionsNamed("default", "credit");
      expect(named.map((row) => row.digest)).toEqual(["c", "a", "b"].map(digestOf));
      expect((await repository.versions()).map((row) => row.digest)).toEqual(words.map(digestOf));
      expect((await repository.versions("default")).length).toBe(4);
      expect(await repository.versions("nobody")).toEqual([]);
      expect(await repository.versionsNamed("default", "nothing")).toEqual([]);
    }));

  test("descendants are the versions that name a digest among their inputs, each once", () =>
    onFreshStore(make, async (repository) => {
      const input = (word: string, role = "training-data") => ({ digest: digestOf(word), role });
      await register(repository, "data");
      await register(repository, "m1", { inputs: [input("data"), input("data", "validation")] });
      await register(repository, "m2", { inputs: [input("other")] });
      await register(repository, "m3", { inputs: [input("other"), input("data")] });
      const derived = await repository.derivedFrom("default", digestOf("data"));
      expect(derived.map((row) => row.digest)).toEqual([digestOf("m1"), digestOf("m3")]);
      expect(derived[1]?.inputs).toEqual([input("other"), input("data")]);
      expect(await repository.derivedFrom("default", digestOf("m1"))).toEqual([]);
    }));

  test("hundreds of versions come back with their own inputs", () =>
    onFreshStore(make, async (repository) => {
      await repository.transaction(async (tx) => {
        for (let n = 0; n < 620; n++)
          await register(tx, `v${n}`, { inputs: [{ digest: digestOf(`i${n}`), role: `r${n}` }] });
      });
      const rows = await repository.versions();
      expect(rows.length).toBe(620);
      expect(rows.every((row, n) => row.inputs.length === 1 && row.inputs[0]?.role === `r${n}`)).toBe(true);
    }));

  test("a digest, a topic and a registration statement are used once; registering needs tenant and statement", () =>
    onFreshStore(make, async (repository) => {
      const row = await register(repository, "v1");
      await repository.addStatement(statementRow("v2"));
      const again = { statement: digestOf("statement v2") };
      expect(await codeOf(repository.addVersion(versionRow("v1", { ...again, topic: "00" })))).toBe("CONFLICT");
      expect(await codeOf(repository.addVersion(versionRow("v1", { ...again, topic: "00", name: "x" })))).toBe(
        "CONFLICT",
      );
      expect(await codeOf(repository.addVersion(versionRow("v2", { topic: row.topic })))).toBe("CONFLICT");
      expect(await codeOf(repository.addVersion(versionRow("v2", { statement: row.statement })))).toBe("CONFLICT");
      expect(await codeOf(repository.addVersion(versionRow("v3")))).toBe("NOT_FOUND");
      expect(await codeOf(repository.addVersion(versionRow("v2", { tenant: "nobody" })))).toBe("NOT_FOUND");
      expect((await repository.versions()).length).toBe(1);
    }));

  test("versions end once: live to revoked or erased, revoked to erased, never back", () =>
    onFreshStore(make, async (repository) => {
      for (const word of ["v1", "v2", "end1", "end2"]) await register(repository, word);
      const [end1, end2] = [digestOf("statement end1"), digestOf("statement end2")];
      await repository.endVersion("default", digestOf("v1"), "revoked", end1);
      expect(await repository.version("default", digestOf("v1"))).toMatchObject({ state: "revoked", endedBy: end1 });
      expect(await codeOf(repository.endVersion("default", digestOf("v1"), "revoked", end2))).toBe("CONFLICT");
      await repository.endVersion("default", digestOf("v1"), "erased", end2);
      expect(await repository.version("default", digestOf("v1"))).toMatchObject({ state: "erased", endedBy: end2 });
      expect(await codeOf(repository.endVersion("default", digestOf("v1"), "revoked", end2))).toBe("CONFLICT");
      expect(await codeOf(repository.endVersion("default", digestOf("none"), "erased", end2))).toBe("NOT_FOUND");
      const unknown = digestOf("no such statement");
      expect(await codeOf(repository.endVersion("default", digestOf("v2"), "erased", unknown))).toBe("NOT_FOUND");
      expect((await repository.version("default", digestOf("v2")))?.state).toBe("live");
    }));

  test("the first flag on a version stays", () =>
    onFreshStore(make, async (repository) => {
      for (const word of ["a1", "a2", "child"]) await register(repository, word);
      await repository.flagVersion("default", digestOf("child"), digestOf("a1"));
      await repository.flagVersion("default", digestOf("child"), digestOf("a2"));
      expect((await repository.version("default", digestOf("child")))?.flaggedBy).toBe(digestOf("a1"));
      expect(await codeOf(repository.flagVersion("default", digestOf("none"), digestOf("a1")))).toBe("NOT_FOUND");
    }));

  test("objects come back in the order of their paths' bytes, before their version exists", () =>
    onFreshStore(make, async (repository) => {
      const paths = ["b", "a/ö", "Z", "a/z", "a", "ａ", "𝛼"];
      const rows = paths.map((path) => objectRow("v1", path));
      await repository.addObjects(rows);
      const sorted = rows.toSorted((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
      expect(await repository.objects("default", digestOf("v1"))).toEqual(sorted);
      expect(await repository.objects("default", digestOf("v2"))).toEqual([]);
      expect(await codeOf(repository.addObjects([objectRow("v1", "a", { blobKey: "00" })]))).toBe("CONFLICT");
      expect(await codeOf(repository.addObjects([objectRow("v2", "a", { blobKey: rows[0]!.blobKey })]))).toBe(
        "CONFLICT",
      );
      expect(await codeOf(repository.addObjects([objectRow("v2", "a", { tenant: "nobody" })]))).toBe("NOT_FOUND");
      await repository.addObjects([]);
    }));

  test("thousands of objects are added at once and read page by page, while others write", () =>
    onFreshStore(make, async (repository) => {
      const rows = Array.from({ length: 1750 }, (_, n) => objectRow("v1", `file-${n}`));
      await repository.addObjects(rows);
      const seen: string[] = [];
      for await (const row of repository.allObjects()) {
        if (seen.length === 700) await repository.setFact("written", "meanwhile");
        seen.push(row.path);
      }
      expect(seen).toEqual(rows.map((row) => row.path));
    }));

  test("rotation replaces a wrapped key; a destroyed key never comes back", () =>
    onFreshStore(make, async (repository) => {
      const version = digestOf("v1");
      await repository.addObjects([objectRow("v1", "a"), objectRow("v1", "b"), objectRow("v2", "a")]);
      await repository.rewrapObject("default", version, "a", utf8("new"), "age1second");
      expect((await repository.objects("default", version))[0]).toMatchObject({
        wrappedFor: "age1second",
        header: utf8("new"),
      });
      expect(await codeOf(repository.rewrapObject("default", version, "c", utf8("new"), "x"))).toBe("NOT_FOUND");
      expect(await repository.destroyKeys("default", version)).toBe(2);
      expect(await repository.destroyKeys("default", version)).toBe(0);
      const erased = await repository.objects("default", version);
      expect(erased.map((row) => "header" in row)).toEqual([false, false]);
      expect(await codeOf(repository.rewrapObject("default", version, "a", utf8("back"), "x"))).toBe("ERASED");
      expect((await all(repository.allObjects())).filter((row) => row.header).length).toBe(1);
    }));
}
