import { execFile } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  certificateAuthority,
  haveOpenssl,
  leafExtensions,
  rootExtensions,
} from "../../../test/support/certificate-authority.ts";

const program = fileURLToPath(new URL("../../../bin/castellan", import.meta.url));

interface Outcome {
  code: number;
  out: string;
  err: string;
}

let folder: string;
const at = (name: string): string => join(folder, name);

/** Runs the real program in the test's folder. */
function castellan(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...args],
      { cwd: folder, env: { ...process.env, NO_COLOR: "1" } },
      (error, out, err) => {
        resolve({ code: typeof error?.code === "number" ? error.code : error ? 99 : 0, out, err });
      },
    );
  });
}
const json = (outcome: Outcome): Record<string, unknown> => JSON.parse(outcome.out) as Record<string, unknown>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "castellan-cli-"));
  writeFileSync(at("phrase"), "correct horse\n");
  writeFileSync(at("wrong"), "wrong horse\n");
  await Promise.all([
    castellan("keys", "new", "--out", "alice.pem"),
    castellan("keys", "new", "--out", "bob.pem", "--algorithm", "ecdsa-p384"),
    castellan("keys", "new", "--out", "edward.pem", "--algorithm", "ed25519"),
    castellan("keys", "new", "--out", "sealed.pem", "--passphrase-file", "phrase"),
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  rmSync(at("model"), { recursive: true, force: true });
  rmSync(at("model.sig"), { force: true });
  mkdirSync(at("model/sub"), { recursive: true });
  writeFileSync(at("model/weights.bin"), "w".repeat(100));
  writeFileSync(at("model/sub/config.json"), "{}");
});

const signAs = (key: string, ...more: string[]): Promise<Outcome> =>
  castellan("sign", "model", "--key", key, "--out", "model.sig", ...more);
const verifyAs = (key: string, ...more: string[]): Promise<Outcome> =>
  castellan("verify", "model", "--signature", "model.sig", "--key", key, ...more);

describe("keys new", () => {
  test("writes a private file only its owner can read, and a public one, and says so", async () => {
    const made = await castellan("keys", "new", "--out", "carol.pem", "--json");
    expect(made.code).toBe(0);
    expect(json(made)).toMatchObject({ algorithm: "ecdsa-p256", encrypted: false, privateFile: at("carol.pem") });
    expect(statSync(at("carol.pem")).mode & 0o777).toBe(0o600);
    const again = await castellan("keys", "new", "--out", "carol.pem", "--json");
    expect(again.code).toBe(2);
    expect(json(again)).toMatchObject({ error: { code: "CONFLICT" } });
  });

  test("puts named keys into the home, where keys list shows them", async () => {
    const made = await castellan("keys", "new", "dora", "--home", "home", "--trust");
    expect(made).toMatchObject({ code: 0 });
    expect(readFileSync(at("home/trust/dora.pem"))).toEqual(readFileSync(at("home/keys/dora.pub.pem")));
    const listed = await castellan("keys", "list", "--home", "home", "--json");
    expect(json(listed)["keys"]).toMatchObject([{ name: "dora", algorithm: "ecdsa-p256" }]);
  });

  test("refuses bad names, both or neither of name and file, and unknown algorithms", async () => {
    const wrong = [
      ["keys", "new"],
      ["keys", "new", "x", "--out", "y.pem"],
      ["keys", "new", "../x"],
      ["keys", "new", "x", "--algorithm", "rsa"],
    ];
    for (const outcome of await Promise.all(wrong.map((args) => castellan(...args)))) expect(outcome.code).toBe(2);
    expect(existsSync(at(".castellan"))).toBe(false);
  });
});

describe("sign and verify", () => {
  test("agree on an untouched model, in words and in JSON", async () => {
    const signed = await signAs("alice.pem", "--json");
    expect(signed.code).toBe(0);
    expect(json(signed)).toMatchObject({ model: "model", method: "key", files: 2, bytes: 102 });
    const [words, document] = await Promise.all([verifyAs("alice.pub.pem"), verifyAs("alice.pub.pem", "--json")]);
    expect(words).toMatchObject({ code: 0 });
    expect(words.out).toMatch(/^verified model: 2 files, 102 bytes/);
    expect(json(document)).toMatchObject({ verified: true, rootDigest: json(signed)["rootDigest"], problems: [] });
  });

  test("say with exit code 1 and by name what was changed, added and removed", async () => {
    await signAs("alice.pem");
    appendFileSync(at("model/weights.bin"), "x");
    writeFileSync(at("model/new"), "x");
    rmSync(at("model/sub"), { recursive: true });
    const [words, document, key] = await Promise.all([
      verifyAs("alice.pub.pem"),
      verifyAs("alice.pub.pem", "--json"),
      verifyAs("bob.pub.pem", "--json"),
    ]);
    expect(words.code).toBe(1);
    expect(words.out).toContain('"weights.bin" differs from what was signed');
    expect(words.out).toContain('"new" is in the model but not signed');
    expect(words.out).toContain('"sub/config.json" is signed but missing');
    expect(document.code).toBe(1);
    expect(json(document)).toMatchObject({ verified: false });
    expect(key.code).toBe(1);
    expect(json(key)).toMatchObject({ verified: false, error: { code: "UNTRUSTED" } });
  });

  test("take shards, exclusions, the bundle inside the model, links and tolerated files", async () => {
    symlinkSync("weights.bin", at("model/link"));
    expect((await signAs("alice.pem")).code).toBe(2);
    const options = ["--allow-symlinks", "--shard-size", "30", "--ignore-path", "sub", "model/cache"];
    const signed = await castellan("sign", "model", "--key", "bob.pem", "--out", "model/model.sig", ...options);
    expect(signed).toMatchObject({ code: 0 });
    const verify = ["verify", "model", "--signature", "model/model.sig", "--key", "bob.pub.pem"];
    expect(await castellan(...verify)).toMatchObject({ code: 0 });
    writeFileSync(at("model/new"), "x");
    const outcomes = await Promise.all([
      castellan(...verify),
      castellan(...verify, "--ignore-path", "new"),
      castellan(...verify, "--ignore-path", at("model/new")),
      castellan(...verify, "--ignore-unsigned-files"),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([1, 0, 0, 0]);
  });

  test("open an encrypted key with its pass phrase only", async () => {
    const none = await signAs("sealed.pem");
    expect(none).toMatchObject({ code: 1 });
    expect(none.err).toMatch(/FORBIDDEN.*no pass phrase/);
    const bad = await signAs("sealed.pem", "--passphrase-file", "wrong");
    expect(bad.err).toMatch(/FORBIDDEN/);
    expect(bad.err + bad.out).not.toContain("horse");
    expect(existsSync(at("model.sig"))).toBe(false);
    expect(await signAs("sealed.pem", "--passphrase-file", "phrase")).toMatchObject({ code: 0 });
    expect(await verifyAs("sealed.pub.pem")).toMatchObject({ code: 0 });
  });

  test("do not write over anything but a bundle", async () => {
    writeFileSync(at("model.sig"), "my notes");
    const refused = await signAs("alice.pem");
    expect(refused.code).toBe(2);
    expect(readFileSync(at("model.sig"), "utf8")).toBe("my notes");
    rmSync(at("model.sig"));
    await signAs("alice.pem");
    const first = readFileSync(at("model.sig"), "utf8");
    expect(await signAs("alice.pem")).toMatchObject({ code: 0 });
    expect(readFileSync(at("model.sig"), "utf8")).not.toBe(first);
    const lost = await castellan("sign", "model", "--key", "alice.pem", "--out", "none/model.sig");
    expect(lost.code).toBe(2);
    expect(lost.err).toContain("the folder of --out does not exist");
  });

  test("warn of a private key others can read", async () => {
    await castellan("keys", "new", "--out", "open.pem");
    chmodSync(at("open.pem"), 0o644);
    const signed = await signAs("open.pem");
    expect(signed.code).toBe(0);
    expect(signed.err).toContain("may be read or changed by others");
  });
});

describe("exit code 2", () => {
  test("is for arguments nobody can verify with", async () => {
    await signAs("alice.pem");
    writeFileSync(at("not-a-key"), "hello");
    const base = ["verify", "model", "--signature", "model.sig"];
    const wrong = [
      base,
      [...base, "--key", "alice.pub.pem", "--root", "alice.pub.pem"],
      [...base, "--key", "none.pem"],
      [...base, "--key", "not-a-key"],
      [...base, "--key", "alice.pem"],
      [...base, "--key", "edward.pub.pem"],
      [...base, "--key", "model"],
      [...base, "--root", "alice.pub.pem"],
      [...base, "--key", "alice.pub.pem", "--identity", "me"],
      [...base, "--key", "alice.pub.pem", "--ignore-path", "*.bin"],
      ["verify", "model", "--key", "alice.pub.pem"],
      ["verify", "none", "--signature", "model.sig", "--key", "alice.pub.pem"],
      ["verify", "model", "--signature", "none.sig", "--key", "alice.pub.pem"],
      ["verify", "model", "--signature", "model", "--key", "alice.pub.pem"],
      ["sign", "model", "--key", "edward.pem", "--out", "x.sig"],
      ["sign", "model", "--key", "alice.pub.pem", "--out", "x.sig"],
      ["sign", "model", "--key", "alice.pem", "--out", "x.sig", "--shard-size", "0"],
      ["sign", "none", "--key", "alice.pem", "--out", "x.sig"],
      ["sign", "model", "--key", "alice.pem"],
    ];
    for (const args of wrong) {
      const outcome = await castellan(...args);
      expect(outcome.code, args.join(" ")).toBe(2);
      expect(outcome.err).toMatch(/^error (USAGE|MALFORMED|UNSUPPORTED)/);
    }
    expect(existsSync(at("x.sig"))).toBe(false);
  });

  test("is not for bundles that are broken: those do not verify", async () => {
    await signAs("alice.pem");
    const good = readFileSync(at("model.sig"));
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from("{}"),
      Buffer.from("hello"),
      good.subarray(0, 200),
      Buffer.from([0xff]),
    ]) {
      writeFileSync(at("model.sig"), bytes);
      const outcome = await verifyAs("alice.pub.pem", "--json");
      expect(outcome.code).toBe(1);
      expect(json(outcome)).toMatchObject({ verified: false, error: { code: "MALFORMED" } });
    }
  });
});

describe.runIf(haveOpenssl())("with certificates", () => {
  test("the whole way: right root and identity, and each wrong one with its reason", async () => {
    using authority = certificateAuthority();
    const root = authority.issue({ name: "root", extensions: rootExtensions });
    const middle = authority.issue({ name: "middle", issuer: root, extensions: rootExtensions });
    const san = "subjectAltName=DNS:build.example.org,email:ci@example.org";
    const leaf = authority.issue({ name: "leaf", issuer: middle, extensions: [...leafExtensions, san] });
    const stranger = authority.issue({ name: "stranger", extensions: rootExtensions });
    const past = { from: "20200101000000Z", to: "20210101000000Z" };
    const expired = authority.issue({ name: "expired", issuer: root, extensions: leafExtensions, ...past });
    const lone = authority.issue({ name: "lone", extensions: leafExtensions });
    writeFileSync(at("chain.pem"), Buffer.concat([middle.pem, leaf.pem]));

    expect((await signAs("alice.pem", "--cert-chain", "chain.pem")).err).toContain("belongs to the signing key");
    expect(await signAs(leaf.keyFile, "--cert-chain", "chain.pem")).toMatchObject({ code: 0 });
    const verifyUnder = (...more: string[]) => castellan("verify", "model", "--signature", "model.sig", ...more);
    const [good, named, wrongName, wrongRoot, byKey] = await Promise.all([
      verifyUnder("--root", root.certificateFile, "--json"),
      verifyUnder("--root", root.certificateFile, "--identity", "ci@example.org"),
      verifyUnder("--root", root.certificateFile, "--identity", "leaf"),
      verifyUnder("--root", stranger.certificateFile),
      verifyUnder("--key", "alice.pub.pem"),
    ]);
    expect(json(good)).toMatchObject({
      verified: true,
      method: "certificate",
      certificate: { subject: "CN=leaf", identities: ["build.example.org", "ci@example.org"] },
    });
    expect(named.code).toBe(0);
    expect(wrongName).toMatchObject({ code: 1, out: expect.stringMatching(/not for "leaf" \(UNTRUSTED\)/) as string });
    expect(wrongRoot).toMatchObject({ code: 1, out: expect.stringMatching(/no trusted issuer/) as string });
    expect(byKey).toMatchObject({ code: 1, out: expect.stringMatching(/Verify it with --root/) as string });

    const late = await signAs(expired.keyFile, "--cert-chain", expired.certificateFile);
    expect(late).toMatchObject({ code: 0, err: expect.stringContaining("has expired") as string });
    const refused = await verifyUnder("--root", root.certificateFile);
    expect(refused).toMatchObject({ code: 1, out: expect.stringMatching(/expired on 2021-01-01.*EXPIRED/) as string });

    await signAs(lone.keyFile, "--cert-chain", lone.certificateFile);
    expect(await verifyUnder("--root", root.certificateFile)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/self-signed and is not the given root/) as string,
    });
    expect(await verifyUnder("--root", lone.certificateFile)).toMatchObject({ code: 0 });
  });
});
