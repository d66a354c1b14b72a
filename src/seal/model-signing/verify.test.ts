import { createHash, createPublicKey } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import {
  certificateAuthority,
  haveOpenssl,
  leafExtensions,
  rootExtensions,
} from "../../../test/support/certificate-authority.ts";
import type { Signer } from "../../core/ports.ts";
import { toBase64, utf8 } from "../../kit/bytes.ts";
import { payloadOf, signEnvelope } from "../dsse.ts";
import { encodeStatement, statementPayloadType } from "../in-toto.ts";
import { generateKey, parsePrivateKey, signerOf } from "../keys.ts";
import { parseCertificates } from "../x509/certificate.ts";
import { parseBundle } from "./bundle.ts";
import type { Manifest } from "./format.ts";
import { legacyPae } from "./legacy-pae.ts";
import { signManifest } from "./sign.ts";
import { modelStatement } from "./statement.ts";
import { verifyBundle } from "./verify.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const manifest: Manifest = {
  modelName: "m",
  serialization: { method: "files", hashType: "sha256", allowSymlinks: false, ignorePaths: ["cache"] },
  resources: ["b/c", "a", "\u{1f600}", "\u{e000}"].map((name) => ({ name, digest: digest(name) })),
};
const alice = generateKey("ecdsa-p256");
const bob = generateKey("ecdsa-p256");
const signer = signerOf(alice.privateKey);
const trustAlice = { method: "key", key: alice.publicKey } as const;

interface BundleJson {
  verificationMaterial: { publicKey?: Record<string, unknown>; [name: string]: unknown };
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string; keyid: string | null }[] };
  mediaType: string;
}

async function bundleJson(by: Signer = signer, what: Manifest = manifest): Promise<BundleJson> {
  return JSON.parse((await signManifest(what, by)).bundle) as BundleJson;
}
const verify = (bundle: unknown, trust: Parameters<typeof verifyBundle>[1] = trustAlice) =>
  verifyBundle(utf8(JSON.stringify(bundle)), trust);

describe("a bundle signed with a key", () => {
  test.each(["ecdsa-p256", "ecdsa-p384", "ecdsa-p521"] as const)("of %s verifies", async (algorithm) => {
    const key = generateKey(algorithm);
    const { bundle, rootDigest } = await signManifest(manifest, signerOf(key.privateKey));
    const verified = await verifyBundle(utf8(bundle), { method: "key", key: key.publicKey });
    expect(verified.manifest.resources.map(({ name }) => name)).toEqual(["a", "b/c", "\u{e000}", "\u{1f600}"]);
    expect(verified.rootDigest).toBe(rootDigest);
    expect(verified.signedBy).toBe(signerOf(key.privateKey).keyId);
    expect(verified.legacyEncoding).toBe(false);
  });

  test("is the same statement every time", async () => {
    const [one, two] = [await bundleJson(), await bundleJson()];
    expect(one.dsseEnvelope.payload).toBe(two.dsseEnvelope.payload);
  });

  test("records what was left out, and the hint is the SHA-256 of the PEM", async () => {
    const bundle = await bundleJson();
    const verified = await verify(bundle);
    const ignored = [".git", ".gitattributes", ".github", ".gitignore", "cache"];
    expect(verified.manifest.serialization.ignorePaths).toEqual(ignored);
    const pem = alice.publicKey.export({ type: "spki", format: "pem" }) as string;
    expect(bundle.verificationMaterial.publicKey).toEqual({ hint: digest(pem) });
  });

  test("does not verify under another key, whatever the hint says", async () => {
    const bundle = await bundleJson();
    await expect(verify(bundle, { method: "key", key: bob.publicKey })).rejects.toThrow(/names another public key/);
    bundle.verificationMaterial.publicKey = { rawBytes: "AA==" };
    await expect(verify(bundle, { method: "key", key: bob.publicKey })).rejects.toMatchObject({ code: "SIGNATURE" });
    const other = generateKey("ecdsa-p384");
    await expect(verify(bundle, { method: "key", key: other.publicKey })).rejects.toMatchObject({ code: "SIGNATURE" });
  });

  test("does not verify when any character of its payload or signature is another", async () => {
    const bundle = await bundleJson();
    const change = (text: string, at: number): string =>
      text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
    const { payload, signatures } = bundle.dsseEnvelope;
    for (let at = 0; at < payload.length - 3; at += 97) {
      const changed = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload: change(payload, at) } };
      await expect(verify(changed)).rejects.toMatchObject({ code: "SIGNATURE" });
    }
    for (let at = 0; at < signatures[0]!.sig.length - 3; at += 5) {
      const changed = [{ sig: change(signatures[0]!.sig, at), keyid: "" }];
      await expect(
        verify({ ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, signatures: changed } }),
      ).rejects.toMatchObject({
        code: "SIGNATURE",
      });
    }
  });

  test("verifies in URL-safe base64, with null and absent key ids, and with hints of other writers", async () => {
    const bundle = await bundleJson();
    const { payload, payloadType, signatures } = bundle.dsseEnvelope;
    const urlSafe = (text: string): string => text.replaceAll("+", "-").replaceAll("/", "_");
    const sig = urlSafe(signatures[0]!.sig);
    for (const signature of [{ sig, keyid: null }, { sig }, { sig, keyid: "x" }]) {
      const dsseEnvelope = { payload: urlSafe(payload), payloadType, signatures: [signature] };
      expect((await verify({ ...bundle, dsseEnvelope })).manifest.resources).toHaveLength(4);
    }
    const der = createHash("sha256")
      .update(alice.publicKey.export({ type: "spki", format: "der" }))
      .digest();
    for (const hint of [der.toString("hex"), der.toString("base64"), ""]) {
      const verificationMaterial = { publicKey: { hint } };
      expect((await verify({ ...bundle, verificationMaterial })).method).toBe("key");
    }
  });

  test("is refused where a certificate is wanted", async () => {
    const trust = { method: "certificate", roots: [], now: 0 } as const;
    await expect(verify(await bundleJson(), trust)).rejects.toMatchObject({ code: "UNTRUSTED" });
  });

  test("is never made with Ed25519, nor for nothing", async () => {
    await expect(bundleJson(signerOf(generateKey("ed25519").privateKey))).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
    await expect(bundleJson(signer, { ...manifest, resources: [] })).rejects.toThrow(/empty/);
    const twice = [manifest.resources[0]!, manifest.resources[0]!];
    await expect(bundleJson(signer, { ...manifest, resources: twice })).rejects.toThrow(/twice/);
  });
});

describe("a bundle of an older version", () => {
  const rawKey = { publicKey: { rawBytes: "AA==", keyDetails: "PKIX_ECDSA_P256_SHA_256" } };

  test("with the key's bytes, a null key id and no ignored paths (0.3 to 1.0) verifies", async () => {
    const statement = encodeStatement(modelStatement(manifest));
    const json = JSON.parse(Buffer.from(statement).toString()) as {
      predicate: { serialization: { ignore_paths?: unknown } };
    };
    delete json.predicate.serialization.ignore_paths;
    const envelope = await signEnvelope(statementPayloadType, utf8(JSON.stringify(json, null, 2)), [signer]);
    const dsseEnvelope = { ...envelope, signatures: [{ sig: envelope.signatures[0]!.sig, keyid: null }] };
    const verified = await verify({ ...(await bundleJson()), verificationMaterial: rawKey, dsseEnvelope });
    expect(verified.manifest.serialization.ignorePaths).toEqual([]);
  });

  test("of version 0.2, over the faulty encoding, verifies and is marked", async () => {
    const payload = utf8(
      JSON.stringify({
        _type: "https://in-toto.io/Statement/v1",
        subject: [{ name: "it's", digest: { sha256: digest("x") } }],
        predicateType: "https://model_signing/Digests/v0.1",
        predicate: { unused: "Unused" },
      }),
    );
    const sig = toBase64(await signer.sign(legacyPae(payload)));
    const old = {
      ...(await bundleJson()),
      verificationMaterial: rawKey,
      dsseEnvelope: { payload: toBase64(payload), payloadType: statementPayloadType, signatures: [{ sig, keyid: "" }] },
    };
    const verified = await verify(old);
    expect(verified.legacyEncoding).toBe(true);
    expect(verified.manifest.resources).toEqual([{ name: "it's", digest: digest("x") }]);
    // A bundle of today cannot claim the fault of those days.
    const { verificationMaterial } = await bundleJson();
    await expect(verify({ ...old, verificationMaterial })).rejects.toMatchObject({ code: "SIGNATURE" });
    await expect(verify(old, { method: "key", key: bob.publicKey })).rejects.toMatchObject({ code: "SIGNATURE" });
  });
});

describe.runIf(haveOpenssl())("a bundle signed with a certificate chain", () => {
  const now = Date.UTC(2026, 0, 1);

  test("verifies under the root, for the identity, and nowhere else", async () => {
    using authority = certificateAuthority();
    const root = authority.issue({ name: "root", extensions: rootExtensions });
    const middle = authority.issue({ name: "middle", issuer: root, extensions: rootExtensions });
    const san = "subjectAltName=email:release@example.org";
    const leaf = authority.issue({ name: "leaf", issuer: middle, extensions: [...leafExtensions, san] });
    const key = signerOf(await parsePrivateKey(readFileSync(leaf.keyFile)));
    const chain = [leaf, middle].flatMap(({ pem }) => parseCertificates(pem));
    const { bundle } = await signManifest(
      manifest,
      key,
      chain.map(({ der }) => der),
    );
    const bytes = utf8(bundle);
    const trust = { method: "certificate", roots: parseCertificates(root.pem), now } as const;

    const verified = await verifyBundle(bytes, { ...trust, identity: "release@example.org" });
    expect(verified.certificate?.subject).toBe("CN=leaf");
    expect(verified.signedBy).toBe(key.keyId);
    await expect(verifyBundle(bytes, { ...trust, identity: "x@example.org" })).rejects.toMatchObject({
      code: "UNTRUSTED",
    });
    await expect(verifyBundle(bytes, { ...trust, now: Date.UTC(2050, 0, 1) })).rejects.toMatchObject({
      code: "EXPIRED",
    });
    await expect(verifyBundle(bytes, { ...trust, roots: chain.slice(0, 1) })).rejects.toMatchObject({
      code: "UNTRUSTED",
    });
    await expect(verifyBundle(bytes, { method: "key", key: key.publicKey })).rejects.toMatchObject({
      code: "UNTRUSTED",
    });

    // The leaf of somebody else under the same authority does not make the signature theirs.
    const other = authority.issue({ name: "other", issuer: middle, extensions: leafExtensions });
    const json = JSON.parse(bundle) as {
      verificationMaterial: { x509CertificateChain: { certificates: { rawBytes: string }[] } };
    };
    const list = json.verificationMaterial.x509CertificateChain.certificates;
    list[0] = { rawBytes: toBase64(parseCertificates(other.pem)[0]!.der) };
    await expect(verifyBundle(utf8(JSON.stringify(json)), trust)).rejects.toMatchObject({ code: "SIGNATURE" });
    list[0] = { rawBytes: "AAEC" };
    await expect(verifyBundle(utf8(JSON.stringify(json)), trust)).rejects.toMatchObject({ code: "MALFORMED" });

    // Sigstore's own reader takes the chain in the 0.2 media type only; it then finds the leaf and its signature.
    const sigstore = {
      ...(JSON.parse(bundle) as object),
      mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.2",
    };
    const entity = toSignedEntity(bundleFromJSON(sigstore));
    if (entity.key.$case !== "certificate") throw new Error("sigstore read another kind of key");
    const leafKey = createPublicKey({ key: entity.key.certificate.publicKey, format: "der", type: "spki" });
    expect(entity.signature.verifySignature(leafKey)).toBe(true);
    expect(entity.signature.verifySignature(bob.publicKey)).toBe(false);
  });
});

describe("@sigstore/verify", () => {
  const noRoot = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], mediaType: "" };
  const offline = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
  const judge = (bundle: BundleJson, pem: string) =>
    new Verifier(
      toTrustMaterial(noRoot, () => ({ publicKey: alicePublic(pem), validFor: () => true })),
      offline,
    ).verify(toSignedEntity(bundleFromJSON(bundle)));
  const alicePublic = (pem: string) => (pem === "alice" ? alice.publicKey : bob.publicKey);

  test("accepts our P-256 bundles under the right key, and only under it", async () => {
    const bundle = await bundleJson();
    expect(judge(bundle, "alice").key).toBe(alice.publicKey);
    expect(() => judge(bundle, "bob")).toThrow(/signature/);
    bundle.dsseEnvelope.payload = toBase64(utf8("{}"));
    expect(() => judge(bundle, "alice")).toThrow(/signature/);
  });
});

describe("the published schemas", () => {
  const folder = "../shared/data/vectors/model-signing-spec/schemas/v1.0";
  const present = existsSync(folder);
  if (!present) console.log("not run: ../shared/data absent");

  test.runIf(present)("accept our bundles and statements, by file and by shard", async () => {
    const ajv = new Ajv2020({ strict: false });
    for (const name of readdirSync(folder))
      ajv.addSchema(JSON.parse(readFileSync(join(folder, name), "utf8")) as object);
    const shards: Manifest = {
      modelName: "m",
      serialization: { method: "shards", hashType: "sha256", shardSize: 5, allowSymlinks: true, ignorePaths: [] },
      resources: [{ name: "a:0:5", digest: digest("a") }],
    };
    for (const what of [manifest, shards]) {
      const bundle = await bundleJson(signer, what);
      expect(ajv.validate("https://model_signing/bundle/v1.0/schema", bundle), ajv.errorsText()).toBe(true);
      const payload = payloadOf(parseBundle(utf8(JSON.stringify(bundle))).envelope);
      const statement = JSON.parse(Buffer.from(payload).toString()) as unknown;
      expect(ajv.validate("https://model_signing/statement/v1.0/schema", statement), ajv.errorsText()).toBe(true);
    }
  });
});
