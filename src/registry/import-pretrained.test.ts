import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  certificateAuthority,
  haveOpenssl,
  leafExtensions,
  rootExtensions,
} from "../../test/support/certificate-authority.ts";
import type { Signer } from "../core/ports.ts";
import { sha256Hex, utf8 } from "../kit/bytes.ts";
import { digestOfHex } from "../kit/digest.ts";
import { generateKey, parsePrivateKey, signerOf } from "../seal/keys.ts";
import type { Serialization } from "../seal/model-signing/format.ts";
import { signManifest } from "../seal/model-signing/sign.ts";
import { parseCertificates } from "../seal/x509/certificate.ts";
import type { PretrainedImport } from "./import-pretrained.ts";
import { matchesSource, type Publisher, sourceUrl } from "./publisher.ts";
import { all, filesOf, model, once, type TestHome, testHome } from "./testing/home.ts";

let home: TestHome;
let acme: Signer;
beforeEach(async () => {
  home = await testHome();
  acme = signerOf(generateKey("ecdsa-p256").privateKey);
});
afterEach(() => home.close());

const contents = { "config.json": "{}", "weights/1.bin": "w".repeat(100), "weights/2.bin": "v".repeat(70) };
const byFiles: Serialization = { method: "files", hashType: "sha256", allowSymlinks: false, ignorePaths: [] };

const resource = (name: string, bytes: string) => ({ name, digest: sha256Hex(utf8(bytes)) });
const resources = Object.entries(contents).map(([name, text]) => resource(name, text));
async function sign(
  list = resources,
  serialization = byFiles,
  signer = acme,
  certificates?: readonly Uint8Array[],
): Promise<Uint8Array> {
  const manifest = { modelName: "net", serialization, resources: list };
  return utf8((await signManifest(manifest, signer, certificates)).bundle);
}

const source = "https://models.example/acme/net/v1.tar";
const publisher = (): Publisher => ({
  name: "Acme",
  keys: [acme.publicKey],
  sources: ["https://models.example/acme/**"],
});
const sized = (texts: { readonly [path: string]: string } = contents) =>
  filesOf(texts).map((file) => ({ ...file, expected: digestOfHex(sha256Hex(utf8(texts[file.path]!))) }));
const wanted = async (changes: Partial<PretrainedImport> = {}): Promise<PretrainedImport> => ({
  tenant: "default",
  name: "net",
  files: sized(),
  source,
  bundle: await sign(),
  policy: { publishers: [publisher()] },
  ...changes,
});

async function refused(changes: Partial<PretrainedImport>, code: string, text = ""): Promise<void> {
  const attempt = home.registry.importPretrained(await wanted(changes));
  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringContaining(text) as string });
  expect(await all(home.blobs.list())).toEqual([]);
  expect(await home.repository.versions()).toEqual([]);
}

describe("importing a pretrained model", () => {
  it("registers it with its source, its publisher and its signature on record, and can be repeated", async () => {
    const what = await wanted();
    const { version, signature, publisher: by } = await home.registry.importPretrained(what);
    expect(version).toMatchObject({ kind: "model", origin: source });
    expect(version.facts).toEqual({ import: { source, publisher: "Acme", signedBy: acme.keyId, identities: [] } });
    expect(signature.predicateType).toBe("https://model_signing/signature/v1.0");
    expect(signature.subjects).toContain(version.digest);
    expect(by).toBe("Acme");
    const again = await home.registry.importPretrained({ ...what, files: sized() });
    expect([again.version.digest, again.signature.digest]).toEqual([version.digest, signature.digest]);
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });

  it("refuses what is unsigned, from a source nobody is trusted for, or signed by somebody else", async () => {
    await refused({ bundle: undefined }, "UNTRUSTED", "not signed");
    await refused({ source: "https://elsewhere.example/acme/net" }, "UNTRUSTED", "No trusted publisher");
    await refused({ policy: { publishers: [] } }, "UNTRUSTED", "No trusted publisher");
    const stranger = signerOf(generateKey("ecdsa-p256").privateKey);
    await refused({ bundle: await sign(resources, byFiles, stranger) }, "UNTRUSTED");
    const elsewhere = { ...publisher(), keys: [stranger.publicKey] };
    await refused({ policy: { publishers: [elsewhere] } }, "UNTRUSTED");
  });

  it("refuses other bytes than expected, and without an expectation", async () => {
    const files = sized({ ...contents, "config.json": "{ }" });
    await refused({ files, bundle: await sign() }, "INTEGRITY", "config.json");
    const tampered = sized().map((file) =>
      file.path === "config.json" ? { ...file, open: () => once(utf8("!")) } : file,
    );
    await refused({ files: tampered }, "INTEGRITY", "config.json");
    await refused({ files: filesOf(contents) }, "USAGE", "config.json");
    await refused({ files: filesOf(contents), expected: home.signer.keyId }, "INTEGRITY");
  });

  it("refuses files the signature does not cover, and a signature that covers more", async () => {
    await refused({ files: sized({ ...contents, "extra.py": "import os" }) }, "INTEGRITY", "extra.py");
    const { "config.json": _, ...fewer } = contents;
    await refused({ files: sized(fewer) }, "INTEGRITY", "config.json");
  });

  it("refuses a bundle that is changed or none", async () => {
    const bundle = Buffer.from(await sign());
    const text = bundle.toString();
    const { dsseEnvelope } = JSON.parse(text) as { dsseEnvelope: { payload: string } };
    const forged = Buffer.from(dsseEnvelope.payload, "base64").toString().replace("net", "nut");
    await refused(
      { bundle: utf8(text.replace(dsseEnvelope.payload, Buffer.from(forged).toString("base64"))) },
      "SIGNATURE",
    );
    await refused({ bundle: bundle.subarray(0, 100) }, "MALFORMED");
  });

  it("verifies signatures over shards, other hashes and a single file, by reading the stored bytes", async () => {
    const shards: Serialization = { ...byFiles, method: "shards", shardSize: 64 };
    const list = [
      resource("config.json:0:2", "{}"),
      resource("weights/1.bin:0:64", "w".repeat(64)),
      resource("weights/1.bin:64:100", "w".repeat(36)),
      resource("weights/2.bin:0:64", "v".repeat(64)),
      resource("weights/2.bin:64:70", "v".repeat(6)),
    ];
    const { version } = await home.registry.importPretrained(await wanted({ bundle: await sign(list, shards) }));
    const trust = { method: "key" as const, key: acme.publicKey };
    const short = await sign(list.slice(0, 4), shards);
    await expect(
      home.registry.attachSignature({ tenant: "default", version: version.digest, bundle: short, trust }),
    ).rejects.toMatchObject({ code: "INTEGRITY", where: "weights/2.bin" });
    const alone = await model(home.registry, "single", "", { files: filesOf({ "m.onnx": "weights" }) });
    for (const name of ["m.onnx", "."]) {
      const bundle = await sign([resource(name, "weights")]);
      const row = await home.registry.attachSignature({ tenant: "default", version: alone.digest, bundle, trust });
      expect(row.bundle).toEqual(bundle);
    }
    expect((await home.registry.verifyStored()).problems).toEqual([]);
  });
});

const openssl = haveOpenssl();
if (!openssl) console.log("not run: publishers with certificates, the openssl program is absent");

describe.runIf(openssl)("a publisher with certificates", () => {
  let authority: ReturnType<typeof certificateAuthority>;
  beforeAll(() => {
    authority = certificateAuthority();
  });
  afterAll(() => authority[Symbol.dispose]());

  it("is recognized by the root and the name in the certificate, and by nothing less", async () => {
    const root = authority.issue({ name: "root", extensions: rootExtensions });
    const leaf = authority.issue({
      name: "leaf",
      issuer: root,
      extensions: [...leafExtensions, "subjectAltName=email:release@acme.example"],
    });
    const signer = signerOf(await parsePrivateKey(readFileSync(leaf.keyFile)));
    const chain = parseCertificates(leaf.pem).map(({ der }) => der);
    const bundle = await sign(resources, byFiles, signer, chain);
    const by = (identity?: string): Publisher => ({
      name: "Acme",
      roots: parseCertificates(root.pem),
      sources: [source],
      ...(identity ? { identity } : {}),
    });
    await refused({ bundle, policy: { publishers: [by()] } }, "CONFIG", "identity");
    await refused({ bundle, policy: { publishers: [by("other@acme.example")] } }, "UNTRUSTED");
    home.clock.time = Date.UTC(2050, 0, 1);
    await refused({ bundle, policy: { publishers: [by("release@acme.example")] } }, "EXPIRED");
    home.clock.time = Date.UTC(2026, 0, 1);
    const policy = { publishers: [by("release@acme.example")] };
    const { version } = await home.registry.importPretrained(await wanted({ bundle, policy }));
    expect(version.facts["import"]).toMatchObject({ identities: ["release@acme.example"] });
  });
});

describe("source patterns", () => {
  it.each([
    ["https://a.example/x/y", "https://a.example/x/*", true],
    ["https://a.example/x/y/z", "https://a.example/x/*", false],
    ["https://a.example/x/y/z", "https://a.example/x/**", true],
    ["https://a.example/x/y/z", "https://a.example/**/z", true],
    ["https://a.example/x", "https://a.example/x", true],
    ["https://a.example/xy", "https://a.example/x", false],
    ["https://a.example.evil.example/x", "https://a.example*", false],
    ["https://evil.example/https://a.example/x", "https://a.example/**", false],
    ["https://a.example/aab", "https://a.example/*a*b", true],
    ["https://a.example/v1/m.bin", "https://*.example/v?/m.bin", false],
  ])("%s against %s: %s", (url, pattern, expected) => {
    expect(matchesSource(url, pattern)).toBe(expected);
  });

  it("take linear time", () => {
    expect(matchesSource(`https://a.example/${"a".repeat(1900)}`, `https://${"*a".repeat(200)}b`)).toBe(false);
  });

  it.each([
    "models/net",
    "https://trusted.example@evil.example/x",
    "https://a.example/x%2fy",
    "https://a.example/x y",
    "https:\\\\a.example",
    "hf:acme/../evil",
    "",
  ])("refuse the source %j", (text) => {
    expect(() => sourceUrl(text)).toThrow(expect.objectContaining({ code: "USAGE" }));
  });

  it("see a source as it really is", () => {
    expect(sourceUrl("https://a.example/x/%2e%2e/y")).toBe("https://a.example/y");
    expect(sourceUrl("HTTPS://Models.Example:443/acme/../evil/net#part")).toBe("https://models.example/evil/net");
  });
});
