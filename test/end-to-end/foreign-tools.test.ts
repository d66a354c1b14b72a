import { execFileSync } from "node:child_process";
import { createHash, createPublicKey, hash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
// The package's own checker of Merkle inclusion proofs, written for another log: not reachable through its front door.
import { verifyMerkleInclusion } from "@sigstore/verify/dist/tlog/merkle.js";
import { Ajv, type AnySchemaObject } from "ajv";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { succeed } from "./castellan-process.ts";
import { type DemoHomes, demoHomes } from "./demo-home.ts";

// Every layer of an evidence folder, checked with tools we did not write: @sigstore/verify, openssl, age, and the official schema.

const schemas = new URL("../../../shared/data/vectors/cyclonedx/", import.meta.url);
let homes: DemoHomes;
let evidence: string;
let scratch: string;

beforeAll(async () => {
  homes = await demoHomes();
  evidence = homes.path("evidence");
  scratch = mkdtempSync(join(tmpdir(), "castellan-foreign-"));
  await succeed(["export", "credit", evidence, "--home", homes.original]);
});
afterAll(() => {
  homes[Symbol.dispose]();
  rmSync(scratch, { recursive: true, force: true });
});

const read = (path: string): Buffer => readFileSync(join(evidence, path));

test("the model signature verifies with @sigstore/verify, and its digests are those of sha256 over the files", () => {
  const operator = createPublicKey(read("trust/operator.pem"));
  const bundle = bundleFromJSON(JSON.parse(read("model.sig").toString()));
  const trust = toTrustMaterial(
    { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] } as never,
    () => ({
      publicKey: operator,
      validFor: () => true,
    }),
  );
  const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
  expect(() => verifier.verify(toSignedEntity(bundle))).not.toThrow();
  const envelope = (JSON.parse(read("model.sig").toString()) as { dsseEnvelope: { payload: string } }).dsseEnvelope;
  const { predicate } = JSON.parse(Buffer.from(envelope.payload, "base64").toString()) as {
    predicate: { resources: { name: string; digest: string }[] };
  };
  expect(predicate.resources.map(({ name, digest }) => [name, digest])).toEqual(
    readdirSync(join(evidence, "model"))
      .sort()
      .map((name) => [name, hash("sha256", read(`model/${name}`))]),
  );
});

test("every statement's signature verifies with openssl over the DSSE encoding", () => {
  const envelopes = readdirSync(join(evidence, "statements")).filter((name) => name.endsWith(".dsse.json"));
  const keys = readdirSync(join(evidence, "trust")).filter((name) => name.endsWith(".pem"));
  expect(envelopes.length).toBeGreaterThan(5);
  for (const name of envelopes) {
    const { payload, payloadType, signatures } = JSON.parse(read(`statements/${name}`).toString()) as {
      payload: string;
      payloadType: string;
      signatures: { sig: string }[];
    };
    const body = Buffer.from(payload, "base64");
    writeFileSync(
      join(scratch, "pae"),
      Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]),
    );
    writeFileSync(join(scratch, "sig"), Buffer.from(signatures[0]!.sig, "base64"));
    const good = keys.filter((key) =>
      openssl(
        "dgst",
        "-sha256",
        "-verify",
        join(evidence, "trust", key),
        "-signature",
        join(scratch, "sig"),
        join(scratch, "pae"),
      ),
    );
    expect(good, name).toHaveLength(1);
  }
});

test("the checkpoint's signature verifies with openssl, and the inclusion proofs with sigstore's own checker", () => {
  const [text, signature] = read("log/checkpoint").toString().split("\n\n") as [string, string];
  const [, encoded = ""] = /^— \S+ (\S+)$/m.exec(signature) ?? [];
  const [, vkeyBody = ""] = /^\S+\+[0-9a-f]{8}\+(\S+)$/m.exec(read("trust/log.vkey").toString()) ?? [];
  const raw = Buffer.from(vkeyBody, "base64").subarray(1);
  // SubjectPublicKeyInfo of an Ed25519 key (RFC 8410): a fixed prefix and the 32 bytes.
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  writeFileSync(
    join(scratch, "log.pem"),
    createPublicKey({ key: der, format: "der", type: "spki" }).export({ format: "pem", type: "spki" }),
  );
  writeFileSync(join(scratch, "note"), `${text}\n`);
  writeFileSync(join(scratch, "sig"), Buffer.from(encoded, "base64").subarray(4));
  expect(
    openssl(
      "pkeyutl",
      "-verify",
      "-pubin",
      "-inkey",
      join(scratch, "log.pem"),
      "-rawin",
      "-in",
      join(scratch, "note"),
      "-sigfile",
      join(scratch, "sig"),
    ),
  ).toBe(true);

  const [, size = "", root = ""] = text.split("\n");
  const entries = bundleEntries(read(`log/tile/entries/000.p/${size}`));
  for (const name of readdirSync(join(evidence, "statements")).filter((file) => file.endsWith(".tlog-proof"))) {
    const lines = read(`statements/${name}`).toString().split("\n");
    const logIndex = lines.find((line) => line.startsWith("index "))!.slice("index ".length);
    const hashes = lines
      .slice(lines.indexOf(`index ${logIndex}`) + 1, lines.indexOf(""))
      .map((line) => Buffer.from(line, "base64"));
    const entry = { canonicalizedBody: entries[Number(logIndex)], inclusionProof: { logIndex, hashes } };
    const check = (logHash: Buffer): void =>
      verifyMerkleInclusion(entry as never, { logSize: BigInt(size), logHash } as never);
    expect(() => check(Buffer.from(root, "base64")), name).not.toThrow();
    expect(() => check(createHash("sha256").digest()), name).toThrow();
  }
});

test("the bill of materials is valid by the official CycloneDX 1.7 schema", () => {
  if (!existsSync(schemas)) {
    console.log("not run: ../shared/data absent");
    return;
  }
  const schema = (name: string): AnySchemaObject =>
    JSON.parse(gunzipSync(readFileSync(new URL(name, schemas))).toString()) as AnySchemaObject;
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  ajv.addFormat("iri-reference", true).addFormat("idn-email", true);
  for (const name of ["spdx", "jsf-0.82", "cryptography-defs"]) ajv.addSchema(schema(`${name}.schema.json.gz`));
  const validate = ajv.compile(schema("bom-1.7.schema.json.gz"));
  void validate(JSON.parse(read("bom.cdx.json").toString()));
  expect(validate.errors).toBeNull();
});

function openssl(...args: string[]): boolean {
  try {
    execFileSync("openssl", args, { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

/** The entries of a C2SP entry bundle: each after its length in two bytes, big-endian. */
function bundleEntries(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at))
    entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
  return entries;
}
