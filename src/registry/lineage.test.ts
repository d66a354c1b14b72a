import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Digest } from "../kit/digest.ts";
import type { VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { dataset, type TestHome, testHome } from "./testing/home.ts";
import { descendants } from "./walk.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
});
afterAll(() => home.close());

/** Everything reachable from `start` by `next`. */
function reachable(start: number, next: (at: number) => readonly number[]): Set<number> {
  const seen = new Set<number>();
  const queue = [start];
  for (let at = queue.pop(); at !== undefined; at = queue.pop())
    for (const one of next(at)) if (!seen.has(one)) queue.push((seen.add(one), one));
  return seen;
}

describe("lineage", () => {
  it("is everything reachable, in both directions, for any graph", async () => {
    let run = 0;
    const graph = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(graph, fc.nat(), async (links, pick) => {
        run += 1;
        const parents = links.map((list, i) => [...new Set(list.filter(() => i > 0).map((n) => n % Math.max(i, 1)))]);
        const rows: VersionRow[] = [];
        for (const [i, list] of parents.entries())
          rows.push(
            await dataset(home.registry, `g${run}`, `${run} ${i}`, {
              inputs: list.map((parent) => ({ digest: rows[parent]!.digest, role: "source" })),
            }),
          );
        const at = pick % rows.length;
        const { nodes, edges, truncated } = await home.registry.lineage("default", rows[at]!.digest);
        const index = new Map<Digest, number>(rows.map(({ digest }, i) => [digest, i]));
        const found = (relation: string) =>
          new Set(nodes.filter((node) => node.relation === relation).map(({ digest }) => index.get(digest)!));
        expect(truncated).toBe(false);
        expect(found("self")).toEqual(new Set([at]));
        expect(found("ancestor")).toEqual(reachable(at, (i) => parents[i]!));
        const children = (i: number) => parents.flatMap((list, child) => (list.includes(i) ? [child] : []));
        expect(found("descendant")).toEqual(reachable(at, children));
        const shown = new Set(nodes.map(({ digest }) => digest));
        expect(edges).toHaveLength(
          rows
            .filter(({ digest }) => shown.has(digest))
            .flatMap(({ inputs }) => inputs.filter((input) => shown.has(input.digest))).length,
        );
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  it("says when it shows only a part", async () => {
    const base = await dataset(home.registry, "base", "base");
    for (let i = 0; i < 5; i++)
      await dataset(home.registry, "child", `child ${i}`, { inputs: [{ digest: base.digest, role: "source" }] });
    const { nodes, truncated } = await home.registry.lineage("default", base.digest, 3);
    expect(nodes).toHaveLength(3);
    expect(truncated).toBe(true);
  });

  it("ends even when a tampered store makes versions descend from each other", async () => {
    const row = (digest: string) => ({ digest }) as unknown as VersionRow;
    const circle: Record<string, VersionRow[]> = { a: [row("b")], b: [row("c"), row("a")], c: [row("a"), row("b")] };
    const repository = { derivedFrom: async (_: string, digest: string) => circle[digest] ?? [] };
    const found = await descendants({ repository } as unknown as Context, "default", "a" as Digest);
    expect(found.map(({ digest }) => digest)).toEqual(["b", "c"]);
  });
});
