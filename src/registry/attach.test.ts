import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Signer } from "../core/ports.ts";
import { hexOfDigest } from "../kit/digest.ts";
import { signEnvelope } from "../seal/dsse.ts";
import { encodeStatement, makeStatement, statementPayloadType } from "../seal/in-toto.ts";
import { generateKey, signerOf } from "../seal/keys.ts";
import type { VersionRow } from "../store/repository.ts";
import { parseLeaf } from "./leaf.ts";
import { stateTypes } from "./predicates.ts";
import { filesOf, model, type TestHome, testHome } from "./testing/home.ts";

let home: TestHome;
let row: VersionRow;
let lab: Signer;
beforeEach(async () => {
  home = await testHome();
  lab = signerOf(generateKey("ecdsa-p384").privateKey);
  row = await model(home.registry, "m", "", { files: filesOf({ weights: "w", "README.md": "r" }) });
});
afterEach(() => home.close());

const evaluation = "urn:castellan:evaluation:v1";
const envelopeOf = async (digests: readonly string[], type = evaluation, payloadType = statementPayloadType) => {
  const subjects = digests.map((sha256) => ({ name: "x", digest: { sha256 } }));
  return signEnvelope(payloadType, encodeStatement(makeStatement(type, { score: 1 }, subjects)), [lab]);
};
const attach = async (digests: readonly string[], type?: string, payloadType?: string, keys = [lab.publicKey]) =>
  home.registry.attach({
    tenant: "default",
    version: row.digest,
    envelope: await envelopeOf(digests, type, payloadType),
    keys,
  });
const fileHex = (path: string) => hexOfDigest(row.manifest.files.find((file) => file.path === path)!.digest);

describe("attaching a statement", () => {
  it("puts it on record under the version it names, with its signer on the leaf, once", async () => {
    const statement = await attach([hexOfDigest(row.digest)]);
    expect(statement).toMatchObject({ state: "logged", predicateType: evaluation, subjects: [row.digest] });
    expect(parseLeaf(statement.leaf)).toMatchObject({ kind: "evaluation", topic: row.topic, by: lab.keyId });
    const again = await home.registry.attach({
      tenant: "default",
      version: row.digest,
      envelope: JSON.parse(Buffer.from(statement.envelope).toString()) as never,
      keys: [lab.publicKey],
    });
    expect(again.digest).toBe(statement.digest);
    expect(await home.repository.statementsAbout("default", row.digest)).toHaveLength(2);
  });

  it("lets a statement about all files stand for the version, and one about some files for those only", async () => {
    const whole = await attach([fileHex("weights"), fileHex("README.md")]);
    expect(whole.subjects).toContain(row.digest);
    const some = await attach([fileHex("README.md")]);
    expect(some.subjects).toEqual([row.manifest.files[0]!.digest]);
    const about = await home.repository.statementsAbout("default", row.digest);
    expect(about.map(({ digest }) => digest)).not.toContain(some.digest);
  });

  it.each([
    ["about something else", async () => attach(["ab".repeat(32)]), "NOT_FOUND"],
    [
      "signed by somebody else",
      async () => attach([hexOfDigest(row.digest)], evaluation, undefined, [home.signer.publicKey]),
      "SIGNATURE",
    ],
    [
      "without any key that counts",
      async () => attach([hexOfDigest(row.digest)], evaluation, undefined, []),
      "SIGNATURE",
    ],
    [
      "that is no in-toto statement",
      async () => attach([hexOfDigest(row.digest)], evaluation, "text/plain"),
      "UNSUPPORTED",
    ],
  ])("refuses one %s", async (_, attempt, code) => {
    await expect(attempt()).rejects.toMatchObject({ code });
    expect(await home.repository.statementsAbout("default", row.digest)).toHaveLength(1);
  });

  it.each([...Object.values(stateTypes), "urn:castellan:feature-read:v1", "urn:castellan:key-rotation:v1"])(
    "refuses %s, which only the registry records: a stranger's signature changes no state",
    async (type) => {
      await expect(attach([hexOfDigest(row.digest)], type)).rejects.toMatchObject({ code: "FORBIDDEN" });
      expect((await home.registry.version("default", row.digest)).state).toBe("live");
    },
  );

  it("says nothing on the leaf about types it does not know", async () => {
    const statement = await attach([hexOfDigest(row.digest)], "https://example.org/secret-project/v1");
    expect(parseLeaf(statement.leaf).kind).toBe("statement");
    expect(Buffer.from(statement.leaf).toString()).not.toContain("secret-project");
  });

  it("names every file where the type asks for it", async () => {
    const { envelope } = await home.registry.declare({
      tenant: "default",
      version: row.digest,
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: { buildDefinition: {} },
      everyFile: true,
    });
    const { payload } = JSON.parse(Buffer.from(envelope).toString()) as { payload: string };
    const { subject } = JSON.parse(Buffer.from(payload, "base64").toString()) as { subject: { name: string }[] };
    expect(subject.map(({ name }) => name)).toEqual(["m", "README.md", "weights"]);
  });
});
