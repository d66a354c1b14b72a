import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../kit/bytes.ts";
import { payloadOf } from "../dsse.ts";
import { parseBundle } from "./bundle.ts";
import { parseManifest } from "./parse-manifest.ts";

const bundle = {
  mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
  verificationMaterial: { publicKey: { hint: "aa" }, tlogEntries: [] },
  dsseEnvelope: {
    payload: "e30=",
    payloadType: "application/vnd.in-toto+json",
    signatures: [{ sig: "AAAA", keyid: "" }],
  },
};
const { dsseEnvelope, verificationMaterial } = bundle;
const parse = (value: unknown) => parseBundle(utf8(JSON.stringify(value)));

test("a bundle is read, whichever way its writer was allowed to put it", () => {
  expect(parse(bundle).material).toEqual({ method: "key", hint: "aa" });
  const chain = { x509CertificateChain: { certificates: [{ rawBytes: "AAEC" }] } };
  expect(parse({ ...bundle, verificationMaterial: chain }).material).toMatchObject({ method: "certificate" });
  const old = { publicKey: { rawBytes: "AAEC", keyDetails: "PKIX_ECDSA_P256_SHA_256" } };
  expect(parse({ ...bundle, verificationMaterial: old }).material).toEqual({ method: "key", hint: undefined });
  for (const keyid of [null, undefined, "", "abc"]) {
    const signatures = [{ sig: "AAAA", keyid }];
    expect(parse({ ...bundle, dsseEnvelope: { ...dsseEnvelope, signatures } }).envelope.signatures).toHaveLength(1);
  }
  for (const mediaType of [
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle.v0.2+json",
  ]) {
    expect(parse({ ...bundle, mediaType }).material.method).toBe("key");
  }
});

describe("a bundle is refused", () => {
  test.each<[string, object, RegExp]>([
    ["with a field of its own", { extra: 1 }, /"extra"/],
    ["without media type", { mediaType: undefined }, /mediaType/],
    ["of a foreign media type", { mediaType: "application/json" }, /media type/],
    ["of a media type to come", { mediaType: "application/vnd.dev.sigstore.bundle.v0.9+json" }, /media type/],
    ["without verification material", { verificationMaterial: undefined }, /verificationMaterial/],
    ["without envelope", { dsseEnvelope: undefined }, /dsseEnvelope/],
    ["over a plain message", { messageSignature: {} }, /plain message/],
    ["that names no key", { verificationMaterial: { tlogEntries: [] } }, /no key/],
    [
      "that names a key and a chain",
      { verificationMaterial: { ...verificationMaterial, x509CertificateChain: { certificates: [] } } },
      /several/,
    ],
    ["with unknown material", { verificationMaterial: { ...verificationMaterial, trust: "me" } }, /"trust"/],
    ["with a key that is neither hinted nor given", { verificationMaterial: { publicKey: {} } }, /hint or rawBytes/],
    [
      "with log entries that are no list",
      { verificationMaterial: { ...verificationMaterial, tlogEntries: {} } },
      /tlog/,
    ],
    ["with an empty chain", { verificationMaterial: { x509CertificateChain: { certificates: [] } } }, /empty/],
    [
      "with a chain without end",
      {
        verificationMaterial: {
          x509CertificateChain: { certificates: Array.from({ length: 17 }, () => ({ rawBytes: "AA==" })) },
        },
      },
      /more than 16/,
    ],
    ["signed keylessly", { verificationMaterial: { certificate: { rawBytes: "AA==" } } }, /keyless/],
    ["with an envelope field of its own", { dsseEnvelope: { ...dsseEnvelope, extra: 1 } }, /"extra"/],
    ["of another payload type", { dsseEnvelope: { ...dsseEnvelope, payloadType: "text/plain" } }, /payload type/],
    ["with an empty payload", { dsseEnvelope: { ...dsseEnvelope, payload: "" } }, /payload is empty/],
    ["without signature", { dsseEnvelope: { ...dsseEnvelope, signatures: [] } }, /0 signatures/],
    [
      "with two signatures",
      { dsseEnvelope: { ...dsseEnvelope, signatures: [{ sig: "AAAA" }, { sig: "AAAA" }] } },
      /2 signatures/,
    ],
    [
      "with a field of its own in the signature",
      { dsseEnvelope: { ...dsseEnvelope, signatures: [{ sig: "AAAA", cert: "x" }] } },
      /"cert"/,
    ],
  ])("%s", (_, change, message) => {
    expect(() => parse({ ...bundle, ...change })).toThrow(message);
  });

  test("that is empty, no JSON, or no object", () => {
    expect(() => parseBundle(new Uint8Array())).toThrow(/empty/);
    expect(() => parseBundle(utf8("{"))).toThrow(/not valid JSON/);
    expect(() => parse([])).toThrow(/not a JSON object/);
    expect(() => parseBundle(new Uint8Array([0x7b, 0xff]))).toThrow(/UTF-8/);
  });
});

const vectors = "../shared/data/vectors/model-signing-spec/test-vectors/v1.0";

describe("the published vectors", () => {
  const present = existsSync(vectors);
  if (!present) console.log("not run: ../shared/data absent");
  const read = (...path: string[]): Uint8Array => readFileSync(join(vectors, ...path));

  test.runIf(present)("valid key and certificate bundles are read, down to their resources", () => {
    for (const name of ["key", "certificate"]) {
      const { envelope, material } = parseBundle(read("valid", `${name}.bundle.json`));
      const { manifest, rootDigest } = parseManifest(payloadOf(envelope));
      expect(material.method).toBe(name);
      expect(manifest.resources.map((resource) => resource.name)).toEqual(["signme-1", "signme-2"]);
      expect(rootDigest).toBe("92745110b1ab4368471cbe31664e10174e954b113a3df333db860317b2c6dec4");
    }
  });

  test.runIf(present)("the keyless bundle is refused as such", () => {
    expect(() => parseBundle(read("valid", "sigstore.bundle.json"))).toThrow(/keyless/);
  });

  test.runIf(present)("every invalid bundle is refused", () => {
    const names = readdirSync(join(vectors, "invalid"));
    expect(names.length).toBeGreaterThanOrEqual(4);
    for (const name of names) expect(() => parseBundle(read("invalid", name))).toThrow();
  });

  test.runIf(present)("a statement of another predicate type is refused", () => {
    const { envelope } = parseBundle(read("invalid-payload", "wrong-predicate.bundle.json"));
    expect(() => parseManifest(payloadOf(envelope))).toThrow(/not the signature of a model/);
  });
});
