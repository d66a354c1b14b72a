import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveOpenssl } from "../../test/support/certificate-authority.ts";
import { keyAlgorithms } from "../core/ports.ts";
import { utf8 } from "../kit/bytes.ts";
import {
  algorithmOf,
  generateKey,
  keyIdOf,
  parsePrivateKey,
  parsePublicKey,
  signerOf,
  verifySignature,
  writePrivateKey,
  writePublicKey,
} from "./keys.ts";

const message = utf8("the message");

describe.each(keyAlgorithms)("a %s key", (algorithm) => {
  test("signs what its public half verifies, and nothing else", async () => {
    const { privateKey, publicKey } = generateKey(algorithm);
    const signer = signerOf(privateKey);
    expect(signer.algorithm).toBe(algorithm);
    const signature = await signer.sign(message);
    expect(verifySignature(publicKey, message, signature)).toBe(true);
    expect(verifySignature(publicKey, utf8("the massage"), signature)).toBe(false);
    expect(verifySignature(generateKey(algorithm).publicKey, message, signature)).toBe(false);
    for (const damaged of [new Uint8Array(), signature.slice(1), new Uint8Array([...signature, 0])]) {
      expect(verifySignature(publicKey, message, damaged)).toBe(false);
    }
  });

  test("comes back from PEM the same, and its id is that of its public half", async () => {
    const { privateKey, publicKey } = generateKey(algorithm);
    const again = await parsePrivateKey(await writePrivateKey(privateKey));
    expect(again.equals(privateKey)).toBe(true);
    expect(keyIdOf(privateKey)).toBe(keyIdOf(parsePublicKey(writePublicKey(publicKey))));
    expect(algorithmOf(again)).toBe(algorithm);
  });
});

test("a key id is the SHA-256 of the SubjectPublicKeyInfo", () => {
  const pem =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
  // RFC 8410 §10.1 gives the key; the digest is of its 44 DER bytes, computed with openssl.
  expect(keyIdOf(parsePublicKey(pem))).toBe("sha256:a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f");
});

test("a key sealed with a pass phrase opens with it only", async () => {
  const { privateKey } = generateKey("ecdsa-p256");
  const sealed = await writePrivateKey(privateKey, "correct horse");
  expect(sealed).toContain("BEGIN AGE ENCRYPTED FILE");
  expect((await parsePrivateKey(sealed, "k", "correct horse")).equals(privateKey)).toBe(true);
  await expect(parsePrivateKey(sealed, "k", "wrong horse")).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(parsePrivateKey(sealed, "k")).rejects.toMatchObject({ code: "FORBIDDEN" });
}, 30_000);

test("an encrypted PKCS#8 key opens with its pass phrase only, and the phrase never shows in errors", async () => {
  const { privateKey } = generateKey("ecdsa-p384");
  const pem = privateKey.export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "hunter2",
  }) as string;
  expect((await parsePrivateKey(pem, "k", "hunter2")).equals(privateKey)).toBe(true);
  const error = await parsePrivateKey(pem, "k.pem", "hunter3").then(String, (caught: Error) => caught);
  expect(error).toMatchObject({ code: "FORBIDDEN" });
  const text = inspect(error);
  expect(text).toContain("k.pem");
  expect(text).not.toContain("hunter");
  await expect(parsePrivateKey(pem, "k")).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("keys of other kinds are unsupported, other files malformed, and each error says what was found", async () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const k1 = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  const pem = (key: ReturnType<typeof createPublicKey>): string =>
    key.export({ type: "spki", format: "pem" }) as string;
  expect(() => parsePublicKey(pem(rsa.publicKey))).toThrow(/type rsa/);
  expect(() => parsePublicKey(pem(k1.publicKey))).toThrow(/secp256k1/);
  const privatePem = await writePrivateKey(generateKey("ed25519").privateKey);
  // Node would quietly derive the public half: a private key in a public place must be noticed instead.
  expect(() => parsePublicKey(privatePem, "p.pem")).toThrow(
    /p\.pem is not a public key in PEM form, it holds PRIVATE KEY/,
  );
  expect(() => parsePublicKey("hello")).toThrow(/not a public key/);
  expect(() => parsePublicKey("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")).toThrow(
    /not a readable/,
  );
  expect(() => parsePublicKey(new Uint8Array(100_000))).toThrow(/cannot be a key/);
  await expect(parsePrivateKey(writePublicKey(rsa.publicKey), "k")).rejects.toThrow(/holds PUBLIC KEY/);
  await expect(parsePrivateKey("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")).rejects.toMatchObject(
    {
      code: "MALFORMED",
    },
  );
});

test("a public key may also be given as DER", () => {
  const { publicKey } = generateKey("ecdsa-p521");
  expect(parsePublicKey(publicKey.export({ type: "spki", format: "der" })).equals(publicKey)).toBe(true);
});

describe.runIf(haveOpenssl())("with openssl", () => {
  let folder: string;
  const run = (...args: string[]): Buffer =>
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const file = (name: string): Buffer => readFileSync(join(folder, name));
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "castellan-keys-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(["prime256v1", "secp384r1", "secp521r1"])(
    "reads SEC1 keys on %s, with the parameters before them",
    async (curve) => {
      run("ecparam", "-name", curve, "-genkey", "-out", "sec1.pem");
      run("ec", "-in", "sec1.pem", "-pubout", "-out", "sec1.pub");
      expect(file("sec1.pem").toString()).toMatch(/EC PARAMETERS[^]*BEGIN EC PRIVATE KEY/);
      const key = await parsePrivateKey(file("sec1.pem"));
      expect(keyIdOf(key)).toBe(keyIdOf(parsePublicKey(file("sec1.pub"))));
    },
  );

  test("reads encrypted SEC1 and encrypted PKCS#8 keys", async () => {
    run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "plain.pem");
    run("ec", "-in", "plain.pem", "-aes256", "-passout", "pass:abc", "-out", "old.pem");
    run("pkcs8", "-topk8", "-scrypt", "-in", "plain.pem", "-passout", "pass:abc", "-out", "new.pem");
    const plain = await parsePrivateKey(file("plain.pem"));
    for (const name of ["old.pem", "new.pem"]) {
      expect((await parsePrivateKey(file(name), name, "abc")).equals(plain)).toBe(true);
      await expect(parsePrivateKey(file(name), name, "abd")).rejects.toMatchObject({ code: "FORBIDDEN" });
    }
  });

  test.each(["ecdsa-p256", "ecdsa-p384", "ecdsa-p521"] as const)(
    "its dgst verifies our %s signatures",
    async (algorithm) => {
      const { privateKey, publicKey } = generateKey(algorithm);
      writeFileSync(join(folder, "m"), message);
      writeFileSync(join(folder, "s"), await signerOf(privateKey).sign(message));
      writeFileSync(join(folder, "p"), writePublicKey(publicKey));
      const hash = { "ecdsa-p256": "-sha256", "ecdsa-p384": "-sha384", "ecdsa-p521": "-sha512" }[algorithm];
      expect(run("dgst", hash, "-verify", "p", "-signature", "s", "m").toString()).toContain("Verified OK");
    },
  );
});
