import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { actorOf } from "../identity/actor.ts";
import { generateKey, signerOf } from "../seal/keys.ts";
import { dataset, filesOf, model, promoted, root, type TestHome, testHome, verdict } from "./testing/home.ts";

let home: TestHome;
beforeEach(async () => {
  home = await testHome();
  await home.registry.addTenant("acme");
});
afterEach(() => home.close());

describe("tenants", () => {
  it("exist once, and are on record", async () => {
    await expect(home.registry.addTenant("acme")).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(home.registry.addTenant("Not A Name")).rejects.toMatchObject({ code: "USAGE" });
    expect(await home.registry.tenants()).toEqual(["acme", "default"]);
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });

  it("hold the same bytes without knowing of each other, each with keys and blobs of its own", async () => {
    const mine = await model(home.registry, "m", "same");
    const theirs = await model(home.registry, "m", "same", { tenant: "acme" });
    expect(theirs.digest).toBe(mine.digest);
    expect(theirs.topic).not.toBe(mine.topic);
    await home.registry.erase({ tenant: "acme", version: theirs.digest, why: "leaving" });
    const open = await home.registry.open("default", mine.digest, root);
    expect(Buffer.from(await open.readFile("model.onnx")).toString()).toBe("same");
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });

  it("reach nothing of each other by any operation, and cannot tell whether it exists", async () => {
    const { registry } = home;
    const theirs = await model(registry, "m", "theirs", { tenant: "acme" });
    const { digest: theirVerdict } = await verdict(registry, theirs);
    const absent = theirs.statement;
    const ann = actorOf("default", "ann", ["owner", "features-reader"]);
    const attempts = (digest: typeof absent) => [
      () => registry.version("default", digest),
      () => registry.open("default", digest, ann),
      () => registry.lineage("default", digest),
      () => registry.revoke({ tenant: "default", version: digest, why: "x" }),
      () => registry.erase({ tenant: "default", version: digest, why: "x" }),
      () => registry.promote({ tenant: "default", name: "m", alias: "prod", version: digest, verdict: theirVerdict }),
      () => registry.declare({ tenant: "default", version: digest, predicateType: "urn:x:y", predicate: {} }),
      () => registry.resolve({ tenant: "default", name: "m", at: { digest } }),
      () => model(registry, "n", "x", { inputs: [{ digest, role: "source" }] }),
    ];
    const outcome = async (attempt: () => Promise<unknown>) =>
      attempt().then(
        () => "done",
        (error: Error & { code?: string }) => `${error.code} ${error.message.replaceAll(/sha256:[0-9a-f]+/g, "…")}`,
      );
    const onTheirs = await Promise.all(attempts(theirs.digest).map(outcome));
    const onAbsent = await Promise.all(attempts(absent).map(outcome));
    expect(onTheirs).toEqual(onAbsent);
    for (const one of onTheirs) expect(one).toMatch(/^NOT_FOUND/);
    await expect(registry.open("acme", theirs.digest, ann)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(registry.history("default", "m")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("cannot promote by each other's verdicts", async () => {
    const mine = await model(home.registry, "m", "same");
    const theirs = await model(home.registry, "m", "same", { tenant: "acme" });
    const { digest } = await verdict(home.registry, theirs);
    const attempt = home.registry.promote({
      tenant: "default",
      name: "m",
      alias: "prod",
      version: mine.digest,
      verdict: digest,
    });
    await expect(attempt).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("may each put the same third party's statement on record", async () => {
    const lab = signerOf(generateKey("ed25519").privateKey);
    const mine = await model(home.registry, "m", "same");
    await model(home.registry, "m", "same", { tenant: "acme" });
    const first = await home.registry.declare({
      tenant: "default",
      version: mine.digest,
      predicateType: "urn:castellan:evaluation:v1",
      predicate: { score: 1 },
      signers: [lab],
    });
    const envelope = JSON.parse(Buffer.from(first.envelope).toString()) as never;
    const attach = () =>
      home.registry.attach({ tenant: "acme", version: mine.digest, envelope, keys: [lab.publicKey] });
    const second = await attach();
    expect(second.digest).not.toBe(first.digest);
    expect((await attach()).digest).toBe(second.digest);
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });
});

describe("feature tables", () => {
  it("are read only in the role that says so, and each opening is on record before a byte leaves", async () => {
    const table = await dataset(home.registry, "f", "", { kind: "features", files: filesOf({ t: "1,2,3" }) });
    const owner = actorOf("default", "olga", ["owner", "reader", "operator", "contributor"]);
    await expect(home.registry.open("default", table.digest, owner)).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await home.registry.featureReads("default", table.digest)).toEqual([]);
    const scorer = actorOf("default", "scorer", ["features-reader"]);
    const open = await home.registry.open("default", table.digest, scorer);
    expect(Buffer.from(await open.readFile("t")).toString()).toBe("1,2,3");
    const [read] = await home.registry.featureReads("default", table.digest);
    expect(read).toMatchObject({ predicateType: "urn:castellan:feature-read:v1", state: "logged" });
    expect(Buffer.from(read!.envelope).toString()).toContain("payload");
    const data = await dataset(home.registry, "d", "x");
    await expect(home.registry.open("default", data.digest, scorer)).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });

  it("are not given out when the reading cannot be recorded", async () => {
    const table = await dataset(home.registry, "f", "", { kind: "features", files: filesOf({ t: "1,2,3" }) });
    const deaf = await home.reopen({ openLog: () => Promise.reject(new Error("no log")) });
    await expect(deaf.open("default", table.digest, root)).rejects.toThrow("no log");
  });
});

describe("the kill switch", () => {
  it("counts its epoch up over all targets and keeps its signed statement", async () => {
    const { registry } = home;
    await model(registry, "m", "x");
    const set = (scope: "all" | "tenant" | "model", target: string, killed = true) =>
      registry.setKill({ scope, target, killed, why: "drill" });
    expect(await set("model", "default/m")).toMatchObject({ known: true, row: { epoch: 1, killed: true } });
    expect(await set("model", "default/typo")).toMatchObject({ known: false, row: { epoch: 2 } });
    expect(await set("tenant", "acme")).toMatchObject({
      known: true,
      row: { epoch: 3 },
      statement: { tenant: "acme" },
    });
    expect(await set("tenant", "nobody")).toMatchObject({ known: false, row: { epoch: 4 } });
    expect(await set("all", "")).toMatchObject({ known: true, row: { epoch: 5 } });
    expect(await set("model", "default/m", false)).toMatchObject({ row: { epoch: 6, killed: false } });
    const settings = await registry.kills();
    expect(new Set(settings.map(({ row }) => row.epoch))).toEqual(new Set([2, 3, 4, 5, 6]));
    expect(settings.every(({ row, statement }) => row.statement === statement.digest)).toBe(true);
    for (const [scope, target] of [
      ["all", "x"],
      ["model", "m"],
      ["model", "a/b/c"],
      ["tenant", "A B"],
    ] as const)
      await expect(set(scope, target)).rejects.toMatchObject({ code: "USAGE" });
    expect((await registry.verifyStored()).problems).toEqual([]);
  });
});

describe("promotions of two tenants", () => {
  it("stand under topics of their own", async () => {
    await promoted(home.registry, await model(home.registry, "m", "x"));
    await promoted(home.registry, await model(home.registry, "m", "x", { tenant: "acme" }));
    const topics = new Set<string>();
    for await (const row of home.repository.statements())
      if (row.predicateType.includes("promotion"))
        topics.add((JSON.parse(Buffer.from(row.leaf).toString()) as { topic: string }).topic);
    expect(topics.size).toBe(2);
  });
});
