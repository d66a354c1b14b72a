import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Decrypter, Encrypter, identityToRecipient, armor as peerArmor } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { armor, dearmor } from "./armor.ts";
import { decryptBytes } from "./decrypt.ts";
import { encryptBytes } from "./encrypt.ts";
import { unwrapFileKey, wrapFileKey } from "./file-key.ts";
import { generateIdentity } from "./identity.ts";
import { decryptWithPassphrase, encryptWithPassphrase } from "./passphrase.ts";

const sizes = [0, 1, 65_535, 65_536, 65_537, 200_000];
const run = promisify(execFile);

function sample(length: number): Buffer {
  return Buffer.alloc(length, "castellan ");
}

describe.each(["X25519", "hybrid"] as const)("with the age-encryption package, %s keys", (kind) => {
  const { identity, recipient } = generateIdentity(kind);

  it("agrees on the recipient of an identity", async () => {
    expect(await identityToRecipient(identity)).toBe(recipient);
  });

  it("opens its files and it opens ours", async () => {
    for (const size of sizes) {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      const theirs = await encrypter.encrypt(sample(size));
      expect(Buffer.compare(await decryptBytes(theirs, [identity]), sample(size))).toBe(0);

      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      const ours = await encryptBytes(sample(size), [recipient]);
      expect(Buffer.compare(await decrypter.decrypt(ours), sample(size))).toBe(0);
    }
  });

  it("reads a detached header the same way", async () => {
    const fileKey = Buffer.alloc(16, 7);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const header = wrapFileKey(fileKey, [recipient]);
    expect(Buffer.from(await decrypter.decryptHeader(header))).toEqual(fileKey);
    expect(Buffer.from(unwrapFileKey(header, [identity]))).toEqual(fileKey);
  });
});

describe("with the age-encryption package", () => {
  it("shares pass-phrase files and armor", async () => {
    const encrypter = new Encrypter();
    encrypter.setPassphrase("grüße 🏰");
    encrypter.setScryptWorkFactor(10);
    const theirs = peerArmor.encode(await encrypter.encrypt("secret"));
    expect(Buffer.from(await decryptWithPassphrase(theirs, "grüße 🏰")).toString()).toBe("secret");
    expect(armor(dearmor(theirs))).toBe(theirs);

    const decrypter = new Decrypter();
    decrypter.addPassphrase("grüße 🏰");
    const ours = await encryptWithPassphrase(Buffer.from("secret"), "grüße 🏰", { logN: 10 });
    expect(await decrypter.decrypt(peerArmor.decode(ours), "text")).toBe("secret");
  });
});

describe("with the age program", () => {
  const present = spawnSync("age", ["--version"]).status === 0;
  const { identity, recipient } = generateIdentity();
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "castellan-age-"));
    await writeFile(join(folder, "key.txt"), `${identity}\n`, { mode: 0o600 });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** False, said aloud, where age is not installed; continuous integration must have it. */
  function available(): boolean {
    if (!present) {
      console.log("not run: age absent");
      expect(process.env["CI"], "age must be installed in continuous integration").not.toBe("true");
    }
    return present;
  }

  it("opens its files, binary and armored", async () => {
    if (!available()) return;
    for (const size of sizes) {
      await writeFile(join(folder, "plain"), sample(size));
      await run("age", ["-r", recipient, "-o", join(folder, "theirs"), join(folder, "plain")]);
      expect(Buffer.compare(await decryptBytes(await readFile(join(folder, "theirs")), [identity]), sample(size))).toBe(
        0,
      );
      await run("age", ["-a", "-r", recipient, "-o", join(folder, "theirs.txt"), join(folder, "plain")]);
      const text = await readFile(join(folder, "theirs.txt"));
      expect(Buffer.compare(await decryptBytes(dearmor(text), [identity]), sample(size))).toBe(0);
      expect(armor(dearmor(text))).toBe(text.toString());
    }
  });

  it("lets it open ours, binary and armored", async () => {
    if (!available()) return;
    for (const size of sizes) {
      const ours = await encryptBytes(sample(size), [recipient]);
      for (const file of [ours, armor(ours)]) {
        await writeFile(join(folder, "ours"), file);
        const { stdout } = await run("age", ["-d", "-i", join(folder, "key.txt"), join(folder, "ours")], {
          encoding: "buffer",
        });
        expect(Buffer.compare(stdout, sample(size))).toBe(0);
      }
    }
  });

  it("agrees on the recipient of an identity", async () => {
    if (!available()) return;
    const { stdout } = await run("age-keygen", ["-y", join(folder, "key.txt")]);
    expect(stdout.trim()).toBe(recipient);
  });
});
