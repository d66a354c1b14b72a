import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generateIdentity } from "../seal/age/identity.ts";
import { all, dataset, filesOf, model, once, root, type TestHome, testHome } from "./testing/home.ts";

let home: TestHome;
beforeEach(async () => {
  home = await testHome();
});
afterEach(() => home.close());

describe("rotating the store key", () => {
  it("wraps every key anew, leaves every payload as it is, and the old key opens nothing any more", async () => {
    const { registry } = home;
    const row = await model(registry, "m", "", { files: filesOf({ a: "one", b: "two" }) });
    const erased = await dataset(registry, "d", "gone");
    await registry.erase({ tenant: "default", version: erased.digest, why: "asked for" });
    const bytesOf = async (key: string) => Buffer.concat(await all(home.blobs.read(key)));
    const before = await Promise.all(
      (await home.repository.objects("default", row.digest)).map(({ blobKey }) => bytesOf(blobKey)),
    );
    const next = generateIdentity();
    expect(await registry.rotateStoreKey(next)).toEqual({ to: next.recipient, rewrapped: 2 });
    const objects = await home.repository.objects("default", row.digest);
    expect(objects.map(({ wrappedFor }) => wrappedFor)).toEqual([next.recipient, next.recipient]);
    expect(await Promise.all(objects.map(({ blobKey }) => bytesOf(blobKey)))).toEqual(before);
    expect(await registry.rotateStoreKey(next)).toMatchObject({ rewrapped: 0 });

    const open = await registry.open("default", row.digest, root);
    expect(Buffer.from(await open.readFile("b")).toString()).toBe("two");
    await model(registry, "m", "after");
    const fresh = await home.reopen({ storeKey: next });
    expect((await fresh.verifyStored()).problems).toEqual([]);
    const stale = await home.reopen();
    const old = await stale.open("default", row.digest, root);
    await expect(old.readFile("a")).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(model(stale, "m", "lost")).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("reaches what was being stored while it ran", async () => {
    const next = generateIdentity();
    async function* slow() {
      yield Buffer.from("first, ");
      await home.registry.rotateStoreKey(next);
      yield Buffer.from("second");
    }
    const files = [{ path: "f", open: slow }];
    const row = await model(home.registry, "m", "", { files });
    const [object] = await home.repository.objects("default", row.digest);
    expect(object?.wrappedFor).toBe(next.recipient);
    const alone = await home.reopen({ storeKey: next });
    const open = await alone.open("default", row.digest, root);
    expect(Buffer.from(await open.readFile("f")).toString()).toBe("first, second");
  });

  it("refuses a key pair that is none, before it changes anything", async () => {
    await model(home.registry, "m", "x");
    const [a, b] = [generateIdentity(), generateIdentity()];
    const odd = { identity: a.identity, recipient: b.recipient };
    await expect(home.registry.rotateStoreKey(odd)).rejects.toMatchObject({ code: "USAGE" });
    await model(home.registry, "m", "y");
  });

  it("rotates everything else and says which key it could not unwrap", async () => {
    const good = await model(home.registry, "m", "good");
    const bad = await model(home.registry, "m", "bad");
    const [object] = await home.repository.objects("default", bad.digest);
    const broken = Uint8Array.from(object!.header!);
    broken[100] = broken[100]! ^ 1;
    await home.repository.rewrapObject("default", bad.digest, "model.onnx", broken, object!.wrappedFor);
    const next = generateIdentity();
    await expect(home.registry.rotateStoreKey(next)).rejects.toMatchObject({
      message: expect.stringContaining("model.onnx") as string,
    });
    expect((await home.repository.objects("default", good.digest))[0]?.wrappedFor).toBe(next.recipient);
  });
});

describe("the sweep", () => {
  it("removes what a dead process left, once it is old, and nothing else", async () => {
    await model(home.registry, "m", "kept");
    const orphan = `${home.clock.time.toString(16).padStart(12, "0")}${"ab".repeat(16)}`;
    await home.blobs.write(orphan, once(Buffer.from("rubbish")));
    await home.blobs.write("not-ours", once(Buffer.from("foreign")));
    expect(new Set((await home.registry.verifyStored()).orphans)).toEqual(new Set([orphan, "not-ours"]));
    expect(await home.registry.sweep()).toBe(0);
    home.clock.time += 8 * 86_400_000;
    expect(await home.registry.sweep()).toBe(1);
    expect(await all(home.blobs.list())).toHaveLength(2);
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });
});
