import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { VersionRow } from "../store/repository.ts";
import { generateKey, signerOf } from "../seal/keys.ts";
import { dataset, model, pointsTo, promoted, type TestHome, testHome, verdict } from "./testing/home.ts";

let home: TestHome;
let a: VersionRow;
let b: VersionRow;
let c: VersionRow;
beforeEach(async () => {
  home = await testHome();
  a = await model(home.registry, "m", "a");
  b = await model(home.registry, "m", "b");
  c = await model(home.registry, "m", "c");
});
afterEach(() => home.close());

const prod = { tenant: "default", name: "m", alias: "prod" };
const promote = async (row: VersionRow, verdictDigest: VersionRow["digest"], canary?: number) =>
  home.registry.promote({ ...prod, version: row.digest, verdict: verdictDigest, canary });

describe("promoting", () => {
  it("takes a verdict that is on record, passes, is about this version and alias, and is not past its time", async () => {
    const until = (time: number) => ({ validUntil: new Date(home.clock.time + time).toISOString() });
    const { digest: good } = await verdict(home.registry, a, "prod", until(1000));
    await expect(promote(a, a.digest)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(promote(a, a.statement)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(promote(b, good)).rejects.toMatchObject({ code: "POLICY" });
    await expect(
      home.registry.promote({ ...prod, alias: "canary", version: a.digest, verdict: good }),
    ).rejects.toMatchObject({
      code: "POLICY",
    });
    for (const outcome of ["fail", "undecided", "PASS", true]) {
      const requirements = [{ outcome: "fail", reason: "the model is not signed" }];
      const { digest } = await verdict(home.registry, a, "prod", { outcome, requirements });
      await expect(promote(a, digest)).rejects.toMatchObject({
        code: "POLICY",
        message: expect.stringContaining("not signed") as string,
      });
    }
    const { digest: undated } = await verdict(home.registry, a, "prod", { validUntil: "never" });
    await expect(promote(a, undated)).rejects.toMatchObject({ code: "EXPIRED" });
    expect(await pointsTo(home, "m:prod")).toBeUndefined();
    expect(await promote(a, good)).toMatchObject({ digest: a.digest, sequence: 1, canaryWeight: 0 });
    home.clock.time += 1000;
    await expect(promote(a, good)).rejects.toMatchObject({ code: "EXPIRED" });
  });

  it("takes no verdict of a signer whose verdicts do not count", async () => {
    const stranger = signerOf(generateKey("ecdsa-p256").privateKey);
    const { digest } = await verdict(home.registry, a, "prod", {}, [stranger]);
    await expect(promote(a, digest)).rejects.toMatchObject({ code: "SIGNATURE" });
    const trusting = await home.reopen({ verdictKeys: [stranger.publicKey] });
    await trusting.promote({ ...prod, version: a.digest, verdict: digest });
    expect(await pointsTo(home, "m:prod")).toBe(a.digest);
  });

  it("takes no version of another name", async () => {
    const other = await model(home.registry, "other", "x");
    const { digest } = await verdict(home.registry, other, "prod", { name: "m" });
    await expect(promote(other, digest)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("takes no version that was revoked, or made from one that was, whatever an old verdict says", async () => {
    const data = await dataset(home.registry, "d", "rows");
    const child = await model(home.registry, "m", "child", {
      inputs: [{ digest: data.digest, role: "training-data" }],
    });
    const { digest: forChild } = await verdict(home.registry, child);
    const { digest: forA } = await verdict(home.registry, a);
    await home.registry.revoke({ tenant: "default", version: data.digest, why: "wrong labels" });
    await home.registry.revoke({ tenant: "default", version: a.digest, why: "wrong weights" });
    await expect(promote(child, forChild)).rejects.toMatchObject({ code: "REVOKED" });
    await expect(promote(a, forA)).rejects.toMatchObject({ code: "REVOKED" });
    expect((await home.registry.version("default", child.digest)).flaggedBy).toBe(data.digest);
  });

  it("as a canary leaves the main version where it is", async () => {
    const { digest: forB } = await verdict(home.registry, b);
    await expect(promote(b, forB, 10)).rejects.toMatchObject({ code: "USAGE" });
    await promoted(home.registry, a);
    expect(await promote(b, forB, 10)).toMatchObject({ digest: a.digest, canary: b.digest, canaryWeight: 10 });
    for (const weight of [0, 100, 1.5, -1])
      await expect(promote(b, forB, weight)).rejects.toMatchObject({ code: "USAGE" });
    const { digest: forA } = await verdict(home.registry, a);
    await expect(promote(a, forA, 10)).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("rolling back", () => {
  it("goes to the version before, then to the one before that, and says when there is none", async () => {
    await expect(home.registry.rollback(prod)).rejects.toMatchObject({ code: "NOT_FOUND" });
    for (const row of [a, b, c]) await promoted(home.registry, row);
    expect(await home.registry.rollback(prod)).toMatchObject({ digest: b.digest, sequence: 4 });
    expect(await home.registry.rollback(prod)).toMatchObject({ digest: a.digest, sequence: 5 });
    await expect(home.registry.rollback(prod)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await pointsTo(home, "m:prod")).toBe(a.digest);
  });

  it("never returns to what was rolled back from", async () => {
    for (const row of [a, b]) await promoted(home.registry, row);
    await home.registry.rollback(prod);
    await promoted(home.registry, c);
    expect(await home.registry.rollback(prod)).toMatchObject({ digest: a.digest });
  });

  it("skips versions that were revoked or erased or made from such", async () => {
    const data = await dataset(home.registry, "d", "rows");
    const child = await model(home.registry, "m", "child", {
      inputs: [{ digest: data.digest, role: "training-data" }],
    });
    for (const row of [a, b, child, c]) await promoted(home.registry, row);
    await home.registry.erase({ tenant: "default", version: b.digest, why: "asked for" });
    await home.registry.revoke({ tenant: "default", version: data.digest, why: "wrong" });
    expect(await home.registry.rollback(prod)).toMatchObject({ digest: a.digest });
  });

  it("ends a canary and keeps the main version", async () => {
    await promoted(home.registry, a);
    await promoted(home.registry, b, "prod", 5);
    const now = await home.registry.rollback(prod);
    expect(now).toMatchObject({ digest: a.digest, canaryWeight: 0 });
    expect(now.canary).toBeUndefined();
    await expect(home.registry.rollback(prod)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("from a version that was a canary first goes to the main version it stood beside", async () => {
    await promoted(home.registry, a);
    await promoted(home.registry, b, "prod", 5);
    await promoted(home.registry, b);
    expect(await home.registry.rollback(prod)).toMatchObject({ digest: a.digest });
  });

  it("goes to the last good version when the present one was revoked or erased", async () => {
    for (const row of [a, b, c]) await promoted(home.registry, row);
    await home.registry.erase({ tenant: "default", version: c.digest, why: "asked for" });
    expect(await pointsTo(home, "m:prod")).toBeUndefined();
    expect(await home.registry.rollback(prod)).toMatchObject({ digest: b.digest, sequence: 5 });
    await home.registry.revoke({ tenant: "default", version: b.digest, why: "bad" });
    expect(await pointsTo(home, "m:prod")).toBe(b.digest);
    expect(await home.registry.rollback(prod)).toMatchObject({ digest: a.digest });
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });

  it("concerns one alias only", async () => {
    for (const row of [a, b]) await promoted(home.registry, row);
    for (const row of [b, c]) await promoted(home.registry, row, "test");
    await home.registry.rollback({ ...prod, alias: "test" });
    expect(await pointsTo(home, "m:test")).toBe(b.digest);
    expect(await pointsTo(home, "m:prod")).toBe(b.digest);
  });
});

describe("time", () => {
  it("on record never runs backwards, and what expired stays expired", async () => {
    const { digest } = await verdict(home.registry, a, "prod", {
      validUntil: new Date(home.clock.time + 60_000).toISOString(),
    });
    home.clock.time += 120_000;
    const late = await model(home.registry, "m", "late");
    home.clock.time -= 3_600_000;
    const later = await model(home.registry, "m", "later");
    expect(later.registeredAt).toBe(late.registeredAt);
    await expect(promote(a, digest)).rejects.toMatchObject({ code: "EXPIRED" });
  });

  it("that was set back by days stops changes with a clear error, not reading", async () => {
    home.clock.time -= 3 * 86_400_000;
    await expect(model(home.registry, "m", "x")).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("clock") as string,
    });
    expect((await home.registry.version("default", a.digest)).name).toBe("m");
    const accepting = await home.reopen({ acceptClockSetback: true });
    await model(accepting, "m", "x");
    await model(home.registry, "m", "y");
  });
});
