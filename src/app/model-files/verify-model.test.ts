import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toBase64, utf8 } from "../../kit/bytes.ts";
import { signEnvelope } from "../../seal/dsse.ts";
import { statementPayloadType } from "../../seal/in-toto.ts";
import { generateKey, signerOf } from "../../seal/keys.ts";
import { writeBundle } from "../../seal/model-signing/bundle.ts";
import { legacyPae } from "../../seal/model-signing/legacy-pae.ts";
import { keyHint } from "../../seal/model-signing/sign.ts";
import type { SignModelOptions } from "./sign-model.ts";
import { signModel } from "./sign-model.ts";
import type { VerifyModelOptions } from "./verify-model.ts";
import { verifyModel } from "./verify-model.ts";

const { privateKey, publicKey } = generateKey("ecdsa-p256");
const signer = signerOf(privateKey);
const trust = { method: "key", key: publicKey } as const;
const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "castellan-model-"));
  root = join(folder, "model");
  mkdirSync(join(root, "sub"), { recursive: true });
  writeFileSync(join(root, "config.json"), "{}");
  writeFileSync(join(root, "weights.bin"), Buffer.alloc(1000, "w"));
  writeFileSync(join(root, "sub/empty"), "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (path: string): string => join(root, path);
const sign = (options: Partial<SignModelOptions> = {}) => signModel({ root, signer, ...options });
async function problems(bundle: string | Uint8Array, options: Partial<VerifyModelOptions> = {}): Promise<string[]> {
  const bytes = typeof bundle === "string" ? utf8(bundle) : bundle;
  const result = await verifyModel({ root, bundle: bytes, trust, ...options });
  return result.problems.map(({ kind, path }) => `${kind} ${path}`).sort();
}

describe("a signed model verifies", () => {
  test.each([undefined, 1, 300, 1000, 5000])("with shard size %s", async (shardSize) => {
    const { bundle, files, bytes } = await sign({ shardSize });
    expect({ files, bytes }).toEqual({ files: 3, bytes: 1002 });
    expect(await problems(bundle)).toEqual([]);
  });

  test("with blake2b, as the single file it is, and after it was moved and renamed", async () => {
    expect(await problems((await sign({ hashType: "blake2b" })).bundle)).toEqual([]);
    const file = at("weights.bin");
    const single = await sign({ root: file });
    expect(single.resources).toEqual([{ name: "weights.bin", digest: sha256(readFileSync(file)) }]);
    expect(await problems(single.bundle, { root: file })).toEqual([]);
    const { bundle } = await sign();
    renameSync(root, join(folder, "elsewhere"));
    expect(await problems(bundle, { root: join(folder, "elsewhere") })).toEqual([]);
  });

  test("with its bundle inside, which is recorded as left out", async () => {
    const bundlePath = at("sub/model.sig");
    const { bundle, serialization } = await sign({ bundlePath });
    expect(serialization.ignorePaths).toEqual(["sub/model.sig"]);
    writeFileSync(bundlePath, bundle);
    expect(await problems(bundle, { bundlePath })).toEqual([]);
    renameSync(bundlePath, at("other.sig"));
    expect(await problems(bundle, { bundlePath: at("other.sig") })).toEqual([]);
    expect(await problems(bundle)).toEqual(["unsigned other.sig"]);
  });

  test("with git's files coming and going, at the top only", async () => {
    const { bundle } = await sign();
    mkdirSync(at(".git"));
    writeFileSync(at(".git/HEAD"), "x");
    writeFileSync(at(".gitignore"), "x");
    expect(await problems(bundle)).toEqual([]);
    writeFileSync(at("sub/.gitignore"), "x");
    expect(await problems(bundle)).toEqual(["unsigned sub/.gitignore"]);
  });

  test("without what the signer left out, or with it, but nothing alike", async () => {
    const { bundle } = await sign({ ignorePaths: ["sub", "cache"] });
    expect(await problems(bundle)).toEqual([]);
    rmSync(at("sub"), { recursive: true });
    writeFileSync(at("cache"), "x");
    expect(await problems(bundle)).toEqual([]);
    writeFileSync(at("cache2"), "x");
    mkdirSync(at("deep"));
    writeFileSync(at("deep/cache"), "x");
    expect(await problems(bundle)).toEqual(["unsigned cache2", "unsigned deep/cache"]);
    expect(await problems(bundle, { ignorePaths: ["cache2", "deep"] })).toEqual([]);
  });

  test("when its symbolic links were signed as links, but warns of those that lead outside", async () => {
    writeFileSync(join(folder, "outside"), "o");
    symlinkSync("weights.bin", at("link"));
    symlinkSync("../outside", at("out"));
    await expect(sign()).rejects.toThrow(/"(link|out)" is a symbolic link \(and 1 more like it\)/);
    const { bundle, warnings, files } = await sign({ allowSymlinks: true });
    expect(files).toBe(5);
    expect(warnings).toEqual(['"out" is a symbolic link to a target outside the model']);
    expect(await problems(bundle)).toEqual([]);
    writeFileSync(join(folder, "outside"), "p");
    expect(await problems(bundle)).toEqual(["changed out"]);
  });
});

describe("a model that is not what was signed is refused", () => {
  const flip = (path: string, position: number): void => {
    const bytes = readFileSync(at(path));
    bytes[position] = bytes[position]! ^ 1;
    writeFileSync(at(path), bytes);
  };
  const shards = { shardSize: 300 };
  test.each<[string, () => void, string[], string[]]>([
    ["one bit differs", () => flip("weights.bin", 999), ["changed weights.bin"], ["changed weights.bin"]],
    ["a file grew", () => appendFileSync(at("weights.bin"), "w"), ["changed weights.bin"], ["changed weights.bin"]],
    [
      "a file was cut",
      () => writeFileSync(at("weights.bin"), Buffer.alloc(900, "w")),
      ["changed weights.bin"],
      ["changed weights.bin"],
    ],
    [
      "a file is empty now",
      () => writeFileSync(at("config.json"), ""),
      ["changed config.json"],
      ["changed config.json"],
    ],
    ["a file is gone", () => unlinkSync(at("config.json")), ["missing config.json"], ["missing config.json"]],
    ["a file was added", () => writeFileSync(at("sub/new"), "n"), ["unsigned sub/new"], ["unsigned sub/new"]],
    ["an empty file was added", () => writeFileSync(at("sub/new"), ""), ["unsigned sub/new"], []],
    ["an empty file is gone", () => unlinkSync(at("sub/empty")), ["missing sub/empty"], []],
    [
      "a file was renamed",
      () => renameSync(at("config.json"), at("Config.json")),
      ["missing config.json", "unsigned Config.json"],
      ["missing config.json", "unsigned Config.json"],
    ],
    [
      "two files changed places",
      () => {
        renameSync(at("config.json"), at("x"));
        renameSync(at("weights.bin"), at("config.json"));
        renameSync(at("x"), at("weights.bin"));
      },
      ["changed config.json", "changed weights.bin"],
      ["changed config.json", "changed weights.bin"],
    ],
    [
      "a file became a link to a copy of itself",
      () => {
        cpSync(at("config.json"), join(folder, "copy"));
        unlinkSync(at("config.json"));
        symlinkSync(join(folder, "copy"), at("config.json"));
      },
      ["missing config.json", "symlink config.json"],
      ["missing config.json", "symlink config.json"],
    ],
    [
      "a folder became a link",
      () => {
        renameSync(at("sub"), join(folder, "moved"));
        symlinkSync(join(folder, "moved"), at("sub"));
      },
      ["missing sub/empty", "symlink sub"],
      ["symlink sub"],
    ],
    ["a link was added", () => symlinkSync("config.json", at("link")), ["symlink link"], ["symlink link"]],
    [
      "a file became a folder",
      () => {
        unlinkSync(at("config.json"));
        mkdirSync(at("config.json"));
      },
      ["missing config.json"],
      ["missing config.json"],
    ],
    ["a pipe was added", () => execFileSync("mkfifo", [at("pipe")]), ["special pipe"], ["special pipe"]],
    ["a name with a backslash was added", () => writeFileSync(at("a\\b"), ""), ["name a\\b"], ["name a\\b"]],
    [
      "everything is gone",
      () => {
        rmSync(root, { recursive: true });
        mkdirSync(root);
      },
      ["missing config.json", "missing sub/empty", "missing weights.bin"],
      ["missing config.json", "missing weights.bin"],
    ],
  ])("when %s", async (_, tamper, byFile, byShard) => {
    const [whole, split] = [await sign(), await sign(shards)];
    tamper();
    expect(await problems(whole.bundle)).toEqual(byFile);
    expect(await problems(split.bundle)).toEqual(byShard);
  });

  test("and the message says which bytes of which file", async () => {
    const { bundle } = await sign(shards);
    flip("weights.bin", 650);
    const { problems: found } = await verifyModel({ root, bundle: utf8(bundle), trust });
    expect(found.map(({ message }) => message)).toEqual([
      '"weights.bin" differs from what was signed between bytes 600 and 900',
    ]);
  });

  test("even where the verifier or git's rule would leave a path out: what is signed is verified", async () => {
    const { bundle } = await sign();
    flip("weights.bin", 0);
    expect(await problems(bundle, { ignorePaths: ["weights.bin"] })).toEqual(["changed weights.bin"]);
    expect(await problems(bundle, { bundlePath: at("weights.bin") })).toEqual(["changed weights.bin"]);
  });

  test("unsigned files may be tolerated, changes never", async () => {
    const { bundle } = await sign();
    writeFileSync(at("new"), "n");
    symlinkSync("new", at("link"));
    expect(await problems(bundle, { ignoreUnsignedFiles: true })).toEqual([]);
    flip("weights.bin", 3);
    unlinkSync(at("config.json"));
    symlinkSync("new", at("config.json"));
    expect(await problems(bundle, { ignoreUnsignedFiles: true })).toEqual([
      "changed weights.bin",
      "missing config.json",
      "symlink config.json",
    ]);
  });

  test("links may be followed on the verifier's word, but their bytes must be the signed ones", async () => {
    const { bundle } = await sign();
    renameSync(at("weights.bin"), join(folder, "blob"));
    symlinkSync(join(folder, "blob"), at("weights.bin"));
    expect(await problems(bundle)).toEqual(["missing weights.bin", "symlink weights.bin"]);
    expect(await problems(bundle, { allowSymlinks: true })).toEqual([]);
    appendFileSync(join(folder, "blob"), "x");
    expect(await problems(bundle, { allowSymlinks: true })).toEqual(["changed weights.bin"]);
  });

  test("and a model that does not exist is an error", async () => {
    const { bundle } = await sign();
    await expect(problems(bundle, { root: join(folder, "none") })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("nothing is signed", () => {
  test("when there is nothing", async () => {
    rmSync(root, { recursive: true });
    mkdirSync(root);
    await expect(sign()).rejects.toMatchObject({ code: "MALFORMED" });
    writeFileSync(at(".gitignore"), "x");
    writeFileSync(at("old.sig"), "x");
    await expect(sign({ bundlePath: at("old.sig") })).rejects.toThrow(/no file to sign/);
    writeFileSync(at("empty"), "");
    await expect(sign({ shardSize: 10, bundlePath: at("old.sig") })).rejects.toThrow(/empty/);
    expect((await sign({ bundlePath: at("old.sig") })).files).toBe(1);
  });

  test("under names no manifest can carry", async () => {
    writeFileSync(at("a\\b"), "");
    await expect(sign()).rejects.toMatchObject({ code: "MALFORMED" });
    unlinkSync(at("a\\b"));
    writeFileSync(Buffer.concat([Buffer.from(at("x")), Buffer.from([0xff])]), "");
    await expect(sign()).rejects.toThrow(/not valid UTF-8/);
  });

  test("once the caller gives up", async () => {
    writeFileSync(at("big"), Buffer.alloc(65 * 1024 * 1024));
    await expect(sign({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "UNDECIDED" });
  });
});

describe("signatures of other tools", () => {
  /** A bundle over any statement, as any signer could have made it. */
  async function bundleOver(statement: object): Promise<string> {
    const envelope = await signEnvelope(statementPayloadType, utf8(JSON.stringify(statement)), [signer]);
    return writeBundle({ material: { method: "key", hint: keyHint(publicKey) }, envelope });
  }
  async function current(resources: { name: string; digest: string }[], serialization: object = {}): Promise<string> {
    const root = sha256(Buffer.from(resources.map(({ digest }) => digest).join(""), "hex"));
    return bundleOver({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "model", digest: { sha256: root } }],
      predicateType: "https://model_signing/signature/v1.0",
      predicate: {
        resources: resources.map((resource) => ({ ...resource, algorithm: "sha256" })),
        serialization: { method: "files", hash_type: "sha256", allow_symlinks: false, ...serialization },
      },
    });
  }
  const weights = sha256(Buffer.alloc(1000, "w"));

  test("call a single file '.', whole or in shards", async () => {
    const file = at("weights.bin");
    expect(await problems(await current([{ name: ".", digest: weights }]), { root: file })).toEqual([]);
    const shards = { method: "shards", shard_size: 5000 };
    expect(await problems(await current([{ name: ".:0:1000", digest: weights }], shards), { root: file })).toEqual([]);
    expect(await problems(await current([{ name: ".", digest: weights }]))).toContain("missing .");
  });

  test("list names by path components: the listed order is the one that counts", async () => {
    mkdirSync(at("sub-x"));
    writeFileSync(at("sub-x/y"), "y");
    const listed = [
      { name: "config.json", digest: sha256("{}") },
      { name: "sub/empty", digest: sha256("") },
      { name: "sub-x/y", digest: sha256("y") },
      { name: "weights.bin", digest: weights },
    ];
    expect(await problems(await current(listed))).toEqual([]);
  });

  test("may list git's files: then they are verified", async () => {
    writeFileSync(at(".gitattributes"), "a");
    const listed = [
      { name: ".gitattributes", digest: sha256("a") },
      { name: "config.json", digest: sha256("{}") },
      { name: "sub/empty", digest: sha256("") },
      { name: "weights.bin", digest: weights },
    ];
    expect(await problems(await current(listed))).toEqual([]);
    writeFileSync(at(".gitattributes"), "b");
    expect(await problems(await current(listed))).toEqual(["changed .gitattributes"]);
  });

  test("in shards must cover each file exactly", async () => {
    const part = (start: number, end: number): { name: string; digest: string } => ({
      name: `weights.bin:${start}:${end}`,
      digest: sha256(Buffer.alloc(end - start, "w")),
    });
    const config = { name: "config.json:0:2", digest: sha256("{}") };
    const shards = { method: "shards", shard_size: 400 };
    expect(await problems(await current([config, part(0, 400), part(400, 800), part(800, 1000)], shards))).toEqual([]);
    for (const parts of [
      [part(0, 400), part(400, 800)],
      [part(400, 800), part(800, 1000)],
      [part(0, 400), part(300, 700), part(700, 1000)],
      [part(0, 500), part(500, 1000)],
      [part(0, 1000)],
      [part(0, 400), part(400, 800), part(800, 1000), part(1000, 1200)],
    ]) {
      expect(await problems(await current([config, ...parts], shards))).toEqual(["changed weights.bin"]);
    }
  });

  test("of version 0.2 are verified against every file", async () => {
    const payload = utf8(
      JSON.stringify({
        _type: "https://in-toto.io/Statement/v1",
        subject: [
          { name: "config.json", digest: { sha256: sha256("{}") }, annotations: { actual_hash_algorithm: "sha256" } },
          { name: "sub/empty", digest: { sha256: sha256("") } },
          { name: "weights.bin", digest: { sha256: weights } },
        ],
        predicateType: "https://model_signing/Digests/v0.1",
        predicate: {},
      }),
    );
    const sig = toBase64(await signer.sign(legacyPae(payload)));
    const bundle = JSON.stringify({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { rawBytes: "AA==", keyDetails: "PKIX_ECDSA_P256_SHA_256" }, tlogEntries: [] },
      dsseEnvelope: {
        payload: toBase64(payload),
        payloadType: statementPayloadType,
        signatures: [{ sig, keyid: null }],
      },
    });
    expect(await problems(bundle)).toEqual([]);
    writeFileSync(at("new"), "");
    appendFileSync(at("config.json"), " ");
    expect(await problems(bundle)).toEqual(["changed config.json", "unsigned new"]);
  });
});
