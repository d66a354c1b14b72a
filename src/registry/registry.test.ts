import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseRef } from "../core/asset.ts";
import { textOf } from "../kit/bytes.ts";
import { all, type TestHome, dataset, filesOf, model, pointsTo, promoted, root, testHome } from "./testing/home.ts";

let home: TestHome;
beforeEach(async () => {
  home = await testHome();
});
afterEach(() => home.close());

describe("the registry", () => {
  it("registers data and a model made from it, reads both back, promotes the model and tells its lineage", async () => {
    const { registry } = home;
    const data = await dataset(registry, "credit-data", "a,b\n1,2\n", {
      terms: { licence: "CC-BY-4.0", origin: "https://example.org/data", retainUntil: "2030-12-31" },
    });
    const credit = await model(registry, "credit", "weights", {
      inputs: [{ digest: data.digest, role: "training-data" }],
      facts: { epochs: 3 },
    });
    expect(credit).toMatchObject({ name: "credit", state: "live", registeredAt: "2026-01-01T00:00:00.000Z" });
    expect(credit.topic).toMatch(/^[0-9a-f]{32}$/);

    const open = await registry.open("default", credit.digest, root);
    expect(textOf(await open.readFile("model.onnx"))).toBe("weights");

    await promoted(registry, credit);
    expect(await pointsTo(home, "credit:prod")).toBe(credit.digest);
    expect(await registry.resolve(parseRef("credit"))).toEqual(credit);

    const { nodes, edges } = await registry.lineage("default", credit.digest);
    expect(nodes.map(({ name, relation }) => [name, relation])).toEqual([
      ["credit", "self"],
      ["credit-data", "ancestor"],
    ]);
    expect(edges).toEqual([{ from: data.digest, to: credit.digest, role: "training-data" }]);
    const down = await registry.lineage("default", data.digest);
    expect(down.nodes.map(({ relation }) => relation)).toEqual(["self", "descendant"]);
    expect((await registry.history("default", "credit")).events.map(({ what }) => what)).toEqual([
      "registration",
      "gate-verdict",
      "promotion",
    ]);
  });

  it("gives the version that exists when the same bytes come again under the same name, and leaves no second copy", async () => {
    const first = await model(home.registry, "credit", "weights");
    const again = await model(home.registry, "credit", "weights");
    expect(again).toEqual(first);
    expect(await all(home.blobs.list())).toHaveLength(1);
    await expect(model(home.registry, "other", "weights")).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(model(home.registry, "credit", "weights", { terms: { licence: "MIT" } })).rejects.toMatchObject({
      code: "CONFLICT",
    });
  });

  it("stores nothing in the clear", async () => {
    const secret = "the quick brown secret ".repeat(100);
    await home.registry.register({
      tenant: "default",
      kind: "dataset",
      name: "secret",
      files: filesOf({ "a.txt": secret, "sub/b.txt": secret }),
    });
    for await (const key of home.blobs.list()) {
      const bytes = Buffer.concat(await all(home.blobs.read(key)));
      expect(bytes.includes("quick brown")).toBe(false);
    }
  });
});
