import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openHome } from "../../src/app/home/open.ts";
import { predicateTypeOf } from "../../src/core/statement.ts";
import { canonicalJson, type Json } from "../../src/kit/canonical-json.ts";
import { sha256Hex } from "../../src/kit/bytes.ts";
import { asDigest, type Digest, digestOfHex, hexOfDigest } from "../../src/kit/digest.ts";
import { signEnvelope } from "../../src/seal/dsse.ts";
import { encodeStatement, makeStatement, statementPayloadType } from "../../src/seal/in-toto.ts";
import { parsePrivateKey, signerOf } from "../../src/seal/keys.ts";
import { writeBundle } from "../../src/seal/model-signing/bundle.ts";
import { trainingProvenance } from "../../src/train/provenance/slsa.ts";
import { certificateAuthority, haveOpenssl, leafExtensions, rootExtensions } from "../support/certificate-authority.ts";
import { castellan, succeed } from "./castellan-process.ts";
import { askGate, demo, type DemoHomes, demoHomes, example } from "./demo-home.ts";
import { statementRow } from "./tampering-tools.ts";

let homes: DemoHomes;
let home: string;
/** Keys nobody here trusts. */
let stranger: string;

beforeAll(async () => {
  homes = await demoHomes();
  home = homes.copy();
  stranger = homes.path("stranger.pem");
  await succeed(["keys", "new", "--out", stranger]);
}, 60_000);
afterAll(() => homes?.[Symbol.dispose]());

const keyFile = (name: string): string => join(home, "keys", `${name}.pem`);
const signer = async (file: string) => signerOf(await parsePrivateKey(readFileSync(file), file));
const write = (name: string, content: string | Uint8Array): string => {
  const path = homes.path(name);
  writeFileSync(path, content);
  return path;
};
const run = (...args: string[]) => castellan([...args, "--home", home, "--json"]);

/** A signed statement about a version, in a file. */
async function statementFile(
  predicateType: string,
  predicate: Json,
  about: readonly Digest[],
  key: string,
): Promise<string> {
  const subjects = about.map((digest, i) => ({ name: `subject ${i}`, digest: { sha256: hexOfDigest(digest) } }));
  const statement = makeStatement(predicateType, predicate, subjects);
  const envelope = await signEnvelope(statementPayloadType, encodeStatement(statement), [await signer(key)]);
  return write("statement.dsse.json", canonicalJson(envelope as unknown as Json));
}

/** A model made from data of its own, so that each test has versions nobody else touches. */
async function ownModel(
  name: string,
  origin: { readonly file?: string; readonly key?: string },
): Promise<{ readonly data: Digest; readonly model: Digest }> {
  const data = write(`${name}.csv`, `${name}\n1\n`);
  const withOrigin = origin.file === undefined ? [] : ["--origin", origin.file, "--key", origin.key ?? "data-team"];
  const more = ["--licence", "CC-BY-4.0", "--home", home];
  const registered = await succeed<{ digest: string }>([
    "register",
    "data",
    data,
    "--name",
    `${name}-data`,
    ...withOrigin,
    ...more,
  ]);
  const folder = homes.path(name);
  mkdirSync(folder);
  writeFileSync(join(folder, "model.onnx"), name);
  const input = `${name}-data@${registered.digest}=training-data`;
  const model = await succeed<{ digest: string }>([
    "register",
    "model",
    folder,
    "--name",
    name,
    "--input",
    input,
    ...more,
  ]);
  return { data: asDigest(registered.digest, "data"), model: asDigest(model.digest, "model") };
}

/** What the gate says of a requirement. */
async function requirement(ref: string, id: string) {
  const done = await run("gate", ref, "--dry-run");
  const verdict = done.json as { requirements?: { id: string; outcome: string; reason: string }[] };
  return { exit: done.code, ...verdict.requirements?.find((one) => one.id === id) };
}

describe("where data comes from", () => {
  test("unsigned: a model made from it is undecided", async () => {
    const { model } = await ownModel("unsigned", {});
    const found = await requirement(`unsigned@${model}`, "data-origin");
    expect(found).toMatchObject({ exit: 3, outcome: "undecided" });
    expect(found.reason).toContain("there is no data-origin statement about it (needed from data-team)");
  });

  test("signed by somebody else than the policy names: refused, naming both", async () => {
    const { model } = await ownModel("wrongly", { file: join(example, "origin.yaml"), key: "trainer" });
    const found = await requirement(`wrongly@${model}`, "data-origin");
    expect(found).toMatchObject({ exit: 1, outcome: "fail" });
    expect(found.reason).toContain("is signed by trainer, but the policy accepts data-team");
  });

  test("from a source the policy does not allow: refused, naming it", async () => {
    const origin = readFileSync(join(example, "origin.yaml"), "utf8").replace(
      /^source: .*/m,
      "source: https://evil.example/",
    );
    const { model } = await ownModel("elsewhere", { file: write("origin.yaml", origin) });
    const found = await requirement(`elsewhere@${model}`, "data-origin");
    expect(found).toMatchObject({ exit: 1, outcome: "fail" });
    expect(found.reason).toContain('"https://evil.example/" is not one the policy allows');
  });

  test("a statement signed by a key nobody here trusts is not even recorded", async () => {
    const predicate = { source: "https://a.example/", licence: "MIT", collector: "a", consentBasis: "b" };
    const file = await statementFile(predicateTypeOf("data-origin"), predicate, [demo.dataset], stranger);
    const done = await run("attest", `german-credit@${demo.dataset}`, "--envelope", file);
    expect(done).toMatchObject({ code: 1, error: { code: "SIGNATURE" } });
  });
});

describe("how a model was made", () => {
  const other: Digest = `sha256:${"ab".repeat(32)}`;
  const provenance = (inputs: readonly { name: string; digest: Digest; role: string }[]): Json =>
    JSON.parse(
      JSON.stringify(trainingProvenance({ operator: "urn:x", parameters: {}, environment: {}, inputs })),
    ) as Json;

  test("a training run with other inputs than the registered ones fails, naming the input", async () => {
    const predicate = provenance([{ name: "shadow-data", digest: other, role: "training-data" }]);
    const files = ["mlp.onnx", "encoding.json"].map((name) =>
      digestOfHex(sha256Hex(readFileSync(join(example, name)))),
    );
    const subjects = [demo.unproven, ...files];
    const file = await statementFile("https://slsa.dev/provenance/v1", predicate, subjects, keyFile("trainer"));
    expect(await run("attest", `credit@${demo.unproven}`, "--envelope", file)).toMatchObject({ code: 0 });
    const found = await requirement(`credit@${demo.unproven}`, "training-run");
    expect(found).toMatchObject({ exit: 1, outcome: "fail" });
    expect(found.reason).toMatch(/shadow-data.*is not among the registered inputs/);
  });

  test("a training run of another version is not taken for this one", async () => {
    const before = await requirement(`credit@${demo.unproven}`, "training-run");
    const { envelope } = statementRow(home, "slsa", demo.proven);
    // The two models share a file, and the statement stands for that; it says nothing about the model.
    await run("attest", `credit@${demo.unproven}`, "--envelope", write("run.dsse.json", envelope));
    expect(await requirement(`credit@${demo.unproven}`, "training-run")).toEqual(before);
    const done = await run("attest", `german-credit@${demo.dataset}`, "--envelope", write("run.dsse.json", envelope));
    expect(done).toMatchObject({ code: 2, error: { code: "NOT_FOUND" } });
    expect(done.error?.message).toContain("about neither this version nor one of its files");
  });
});

describe("who signed the model", () => {
  /** The files of the unproven model, as somebody has them on disk. */
  function checkout(): string {
    const folder = homes.path("model");
    mkdirSync(folder);
    cpSync(join(example, "mlp.onnx"), join(folder, "model.onnx"));
    cpSync(join(example, "encoding.json"), join(folder, "encoding.json"));
    return folder;
  }
  const sign = async (folder: string, key: string, ...more: string[]): Promise<string> => {
    const out = homes.path("model.sig");
    await succeed(["sign", folder, "--key", key, "--out", out, ...more]);
    return out;
  };
  const attach = (signature: string) =>
    run("attest", `credit@${demo.unproven}`, "model-signature", "--signature", signature);

  /** A bundle whose manifest was changed and signed again by the operator. */
  async function resigned(change: (predicate: { resources: Json[] }) => void): Promise<string> {
    const bundle = JSON.parse(readFileSync(await sign(checkout(), keyFile("operator")), "utf8")) as {
      dsseEnvelope: { payload: string };
      verificationMaterial: { publicKey: { hint: string } };
    };
    const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, "base64").toString()) as {
      predicate: { resources: Json[] };
    };
    change(statement.predicate);
    const payload = Buffer.from(JSON.stringify(statement));
    const envelope = await signEnvelope(statementPayloadType, payload, [await signer(keyFile("operator"))]);
    const material = { method: "key", hint: bundle.verificationMaterial.publicKey.hint } as const;
    return write("resigned.sig", writeBundle({ material, envelope }));
  }

  test("made over other bytes: refused, naming the file", async () => {
    const folder = checkout();
    writeFileSync(join(folder, "encoding.json"), "{}");
    const done = await attach(await sign(folder, keyFile("operator")));
    expect(done).toMatchObject({ code: 1, error: { code: "INTEGRITY" } });
    expect(done.error?.message).toBe("encoding.json is not what was signed");
  });

  test("by a key nobody trusts: refused", async () => {
    const done = await attach(await sign(checkout(), stranger));
    expect(done).toMatchObject({ code: 1, error: { code: "UNTRUSTED" } });
  });

  test("a resource left out, listed twice, or the list re-ordered: refused, whoever signed", async () => {
    const fewer = await attach(await resigned(({ resources }) => void resources.pop()));
    expect(fewer.code).toBe(1);
    const twice = await attach(await resigned(({ resources }) => void resources.push(resources[0]!)));
    expect(twice).toMatchObject({ code: 2, error: { code: "MALFORMED" } });
    expect(twice.error?.message).toContain("is listed twice");
    const reordered = await attach(await resigned(({ resources }) => void resources.reverse()));
    expect(reordered.error?.message).toMatch(/not listed in order|root digest|subject/);
    expect([1, 2]).toContain(reordered.code);
  });

  test("with an expired certificate, or one of an authority nobody trusts: refused", async () => {
    if (!haveOpenssl()) {
      console.log("not run: there is no openssl program");
      return;
    }
    using authority = certificateAuthority();
    const root = authority.issue({ name: "root", extensions: rootExtensions });
    const expired = authority.issue({
      name: "expired",
      issuer: root,
      extensions: leafExtensions,
      from: "20200101000000Z",
      to: "20210101000000Z",
    });
    const chain = write("chain.pem", Buffer.concat([expired.pem, root.pem]));
    const signature = await sign(checkout(), expired.keyFile, "--cert-chain", chain);
    expect(await attach(signature)).toMatchObject({ code: 1, error: { code: "UNTRUSTED" } });
    mkdirSync(join(home, "trust", "roots"));
    writeFileSync(join(home, "trust", "roots", "root.pem"), root.pem);
    const done = await attach(signature);
    expect(done).toMatchObject({ code: 1, error: { code: "EXPIRED" } });
  });

  test("after all that the gate still does not admit the model, and the proven one serves on", async () => {
    expect(await askGate(home, demo.unproven)).toMatchObject({ code: 1, outcome: "fail" });
    const promoted = await run("promote", `credit@${demo.unproven}`, "prod");
    expect(promoted).toMatchObject({ code: 1, error: { code: "POLICY" } });
    expect(promoted.error?.message).toMatch(/does not admit credit@sha256:143d.*: .*not among the registered inputs/);
    expect(await askGate(home, demo.proven)).toMatchObject({ code: 0, outcome: "pass" });
    expect((await run("store", "verify")).code).toBe(0);
  });
});

test("a verdict about one version promotes no other", async () => {
  const verdict = statementRow(home, "gate-verdict", demo.proven);
  const opened = await openHome(home);
  try {
    const promotion = { tenant: "default", name: "credit", alias: "prod", version: demo.unproven };
    await expect(
      opened.registry.promote({ ...promotion, verdict: asDigest(verdict.digest, "verdict") }),
    ).rejects.toMatchObject({ code: "POLICY", message: "The verdict is about another version" });
  } finally {
    await opened.close();
  }
});
