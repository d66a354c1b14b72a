import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256Hex, utf8 } from "../kit/bytes.ts";
import { digestOfHex } from "../kit/digest.ts";
import { generateKey, keyIdOf, signerOf } from "../seal/keys.ts";
import { parseEnvelope, verifyEnvelope } from "../seal/dsse.ts";
import { manifestOf, versionDigest } from "./manifest.ts";
import { all, dataset, filesOf, model, once, root, type TestHome, testHome } from "./testing/home.ts";

let home: TestHome;
beforeEach(async () => {
  home = await testHome();
});
afterEach(() => home.close());

const blobs = () => all(home.blobs.list());
const digestOf = (text: string) => digestOfHex(sha256Hex(utf8(text)));

describe("registering", () => {
  it("gives the digest of the canonical manifest, whatever the order the files come in", async () => {
    const row = await home.registry.register({
      tenant: "default",
      kind: "model",
      name: "m",
      files: filesOf({ "b/x.bin": "two", "a.bin": "one", é: "three", z: "" }),
    });
    expect(row.manifest.files.map(({ path }) => path)).toEqual(["a.bin", "b/x.bin", "z", "é"]);
    expect(row.digest).toBe(
      versionDigest(
        manifestOf([
          { path: "z", size: 0, digest: digestOf("") },
          { path: "é", size: 5, digest: digestOf("three") },
          { path: "a.bin", size: 3, digest: digestOf("one") },
          { path: "b/x.bin", size: 3, digest: digestOf("two") },
        ]),
      ),
    );
    const open = await home.registry.open("default", row.digest, root);
    expect(await open.readFile("z")).toHaveLength(0);
    expect(Buffer.from(await open.readFile("é")).toString()).toBe("three");
  });

  it("binds the names of the files, not only their bytes", async () => {
    const a = await model(home.registry, "m", "x", { files: filesOf({ a: "1", b: "2" }) });
    const b = await model(home.registry, "m", "x", { files: filesOf({ a: "2", b: "1" }) });
    expect(a.digest).not.toBe(b.digest);
  });

  it.each([
    ["shorter than promised", { path: "f", size: 10, open: () => once(utf8("short")) }],
    ["longer than promised", { path: "f", size: 2, open: () => once(utf8("longer")) }],
    ["not the expected bytes", { path: "f", expected: digestOf("other"), open: () => once(utf8("these")) }],
  ])("refuses a transfer that is %s, naming the file, and leaves nothing", async (_, file) => {
    const files = [...filesOf({ good: "good" }), file];
    const attempt = home.registry.register({ tenant: "default", kind: "dataset", name: "d", files });
    await expect(attempt).rejects.toMatchObject({ code: "INTEGRITY", where: "f" });
    expect(await blobs()).toEqual([]);
    expect(await home.repository.versions()).toEqual([]);
  });

  it("refuses a source that breaks off, with the source's own error, and leaves nothing", async () => {
    async function* breaking() {
      yield utf8("first part");
      await Promise.resolve();
      throw new Error("connection reset");
    }
    const files = [...filesOf({ a: "1", b: "2" }), { path: "c", open: breaking }];
    await expect(model(home.registry, "m", "", { files })).rejects.toThrow("connection reset");
    expect(await blobs()).toEqual([]);
  });

  it("refuses other bytes than the whole is expected to be", async () => {
    const row = await model(home.registry, "m", "right");
    await expect(model(home.registry, "m", "wrong", { expected: row.digest })).rejects.toMatchObject({
      code: "INTEGRITY",
    });
    expect(await blobs()).toHaveLength(1);
    expect((await model(home.registry, "m", "right", { expected: row.digest })).digest).toBe(row.digest);
    expect((await model(home.registry, "m", "right", { expected: digestOf("right") })).digest).toBe(row.digest);
  });

  it.each([
    ["no files", { files: [] }, "MALFORMED"],
    ["a path that climbs out", { files: filesOf({ "../x": "1" }) }, "MALFORMED"],
    ["paths that clash", { files: filesOf({ x: "1", X: "2" }) }, "MALFORMED"],
    ["an unusable name", { name: "No Good" }, "USAGE"],
    ["an unknown tenant", { tenant: "nobody" }, "NOT_FOUND"],
    ["an unknown kind", { kind: "toaster" }, "USAGE"],
    ["an unknown term", { terms: { license: "MIT" } }, "USAGE"],
    ["an empty term", { terms: { licence: "" } }, "USAGE"],
    ["a date that is none", { terms: { retainUntil: "soon" } }, "USAGE"],
    ["an unknown input", { inputs: [{ digest: digestOf("nothing"), role: "training-data" }] }, "NOT_FOUND"],
    ["a role that is none", { inputs: [{ digest: digestOf("nothing"), role: "" }] }, "USAGE"],
    ["facts that are no JSON", { facts: { a: Number.NaN } }, "MALFORMED"],
  ])("refuses %s and leaves nothing", async (_, change, code) => {
    await expect(model(home.registry, "m", "x", change)).rejects.toMatchObject({ code });
    expect(await blobs()).toEqual([]);
    expect(await home.repository.versions()).toEqual([]);
  });

  it("keeps five hundred files of one version apart", async () => {
    const contents = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`dir${i % 7}/f${i}`, `content ${i}`]));
    const row = await model(home.registry, "many", "", { files: filesOf(contents) });
    const open = await home.registry.open("default", row.digest, root);
    expect(open.files).toHaveLength(500);
    expect(Buffer.from(await open.readFile("dir3/f17")).toString()).toBe("content 17");
  }, 120_000);

  it("is signed by who else signs", async () => {
    const alice = signerOf(generateKey("ed25519").privateKey);
    const row = await model(home.registry, "m", "x", { sign: [alice] });
    const statement = await home.repository.statement(row.statement);
    const { signedBy } = verifyEnvelope(parseEnvelope(statement!.envelope), [alice.publicKey, home.signer.publicKey]);
    expect(signedBy.sort()).toEqual([keyIdOf(alice.publicKey), home.signer.keyId].sort());
  });

  it("by several at once, in one process and in two, registers each version once", async () => {
    const second = await home.reopen();
    const work = Array.from({ length: 12 }, (_, i) =>
      dataset(i % 2 === 0 ? home.registry : second, `d${i % 3}`, `content ${i % 6 < 3 ? "a" : "b"}${i % 3}`),
    );
    await Promise.all(work);
    expect(await home.repository.versions()).toHaveLength(6);
    expect(await blobs()).toHaveLength(6);
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  }, 120_000);
});
