import fc from "fast-check";
import { expect, test } from "vitest";
import { all, killRow, objectRow, register, statementRow, versionRow } from "./rows.ts";
import { codeOf, type MakeStore, onFreshStore } from "./subject.ts";

const odd = [
  "",
  "\0",
  "a\0b",
  'it\'s "quoted" \\ and ; -- drop table versions',
  "\u2028\u2029\ufeff",
  "e\u0301 é 𝛼 🔐",
  "\n\r\t\u007f",
  "__proto__",
  "$1 ? :x",
  " ",
];

/** Odd strings and values. */
export function textContract(make: MakeStore): void {
  test("free text keeps every character", () =>
    onFreshStore(make, async (repository) => {
      const facts = { list: odd, ...Object.fromEntries(odd.map((text, n) => [text, { [text]: n }])) };
      const rows = await Promise.all(
        odd.map((text, n) =>
          register(repository, `v${n}`, {
            licence: text,
            origin: text,
            consentBasis: text,
            region: text,
            retainUntil: text,
            facts,
          }),
        ),
      );
      for (const row of rows) expect(await repository.version("default", row.digest)).toStrictEqual(row);
      for (const [n, why] of odd.entries()) await repository.setKill(killRow("v0", n, { why, target: `default/${n}` }));
      expect((await repository.kills()).map((row) => row.why)).toEqual(odd);
    }));

  test("facts of any JSON come back unchanged", () =>
    onFreshStore(make, async (repository) => {
      let n = 0;
      const json = fc.jsonValue({ stringUnit: "binary" });
      await fc.assert(
        fc.asyncProperty(fc.dictionary(fc.string({ unit: "binary" }), json), async (generated) => {
          const facts = JSON.parse(JSON.stringify(generated)) as { [key: string]: unknown };
          const row = await register(repository, `v${n++}`, { facts });
          expect(JSON.stringify(sorted((await repository.version("default", row.digest))?.facts))).toBe(
            JSON.stringify(sorted(facts)),
          );
        }),
        { numRuns: 40 },
      );
    }));

  test("what JSON would silently change is refused", () =>
    onFreshStore(make, async (repository) => {
      await repository.addStatement(statementRow("v"));
      const loop: { [key: string]: unknown } = {};
      loop["self"] = loop;
      for (const value of [1n, new Date(0), new Map(), () => 1, Number.NaN, Infinity, "\ud800", Symbol("s"), loop])
        expect(await codeOf(repository.addVersion(versionRow("v", { facts: { value } })))).toBe("MALFORMED");
      expect(await repository.versions()).toEqual([]);
    }));

  test("identifiers refuse NUL and half surrogate pairs, and have a length", () =>
    onFreshStore(make, async (repository) => {
      for (const bad of ["a\0b", "\ud800x"]) {
        expect(await codeOf(repository.addObjects([objectRow("v", bad)]))).toBe("MALFORMED");
        expect(await codeOf(repository.addObjects([objectRow("v", "f", { blobKey: bad })]))).toBe("MALFORMED");
        expect(await codeOf(repository.addStatement(statementRow("s", { predicateType: bad })))).toBe("MALFORMED");
        expect(await codeOf(repository.setFact(bad, "x"))).toBe("MALFORMED");
        expect(await codeOf(repository.setFact("x", bad))).toBe("MALFORMED");
        expect(await codeOf(register(repository, "v", { name: bad }))).toBe("MALFORMED");
      }
      expect(await codeOf(repository.version("a\0b", versionRow("v").digest))).toBe("MALFORMED");
      expect(await codeOf(repository.addObjects([objectRow("v", "x".repeat(2001))]))).toBe("LIMIT");
      await repository.addObjects([objectRow("v", "ü".repeat(1000))]);
      expect((await all(repository.allObjects())).map((row) => row.path.length)).toEqual([1000]);
    }));

  test("identifiers that look like SQL are only text", () =>
    onFreshStore(make, async (repository) => {
      const path = "'; drop table objects; --";
      await repository.addObjects([objectRow("v", path)]);
      expect((await all(repository.allObjects())).map((row) => row.path)).toEqual([path]);
      expect(await repository.tenants()).toEqual(["default"]);
      expect(await repository.versions("' or 1=1 --")).toEqual([]);
    }));

  test("a manifest of thousands of files and a list of hundreds of inputs survive", () =>
    onFreshStore(make, async (repository) => {
      const { digest } = versionRow("f");
      const files = Array.from({ length: 5000 }, (_, n) => ({ path: `part-${n}/ö`, size: 2 ** 40 + n, digest }));
      const inputs = Array.from({ length: 1200 }, (_, n) => ({ digest, role: `r${n}` }));
      const row = await register(repository, "v", { manifest: { files }, inputs });
      expect(await repository.version("default", row.digest)).toStrictEqual(row);
    }));

  test("rows of the wrong shape are refused before they are stored", () =>
    onFreshStore(make, async (repository) => {
      await repository.addStatement(statementRow("v"));
      const wrong: object[] = [
        { kind: "notebook" },
        { digest: "sha256:short" },
        { registeredAt: "2026-01-01" },
        { state: "live", endedBy: "x" },
        { manifest: { files: [{ path: "a", size: -1, digest: versionRow("v").digest }] } },
        { manifest: {} },
        { facts: [] },
        { licence: 5 },
        { inputs: [{ digest: "x", role: "y" }] },
      ];
      for (const changes of wrong)
        expect(await codeOf(repository.addVersion({ ...versionRow("v"), ...changes })), JSON.stringify(changes)).toBe(
          "MALFORMED",
        );
      expect(await repository.versions()).toEqual([]);
    }));
}

/** The same value with the members of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .map(([key, member]) => [key, sorted(member)])
    .sort((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1));
}
