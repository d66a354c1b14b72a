import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { utf8 } from "../../kit/bytes.ts";
import { parsePublicKey, verifySignature } from "../../seal/keys.ts";
import { folderKeys } from "./folder-keys.ts";
import { createKeyFiles } from "./key-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "castellan-keyfiles-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

test("a made key signs through the provider, and its public half verifies", async () => {
  const made = await createKeyFiles(at("alice.pem"), "ecdsa-p256");
  const signer = await folderKeys({ folder }).open("alice");
  expect(signer.keyId).toBe(made.keyId);
  const publicKey = parsePublicKey(readFileSync(at("alice.pub.pem")));
  expect(verifySignature(publicKey, utf8("m"), await signer.sign(utf8("m")))).toBe(true);
  expect(await folderKeys({ folder }).list()).toEqual(["alice"]);
});

test.skipIf(process.platform === "win32")(
  "private keys are 0600, and one that others can read is refused",
  async () => {
    await createKeyFiles(at("alice.pem"), "ed25519");
    expect(statSync(at("alice.pem")).mode & 0o777).toBe(0o600);
    chmodSync(at("alice.pem"), 0o640);
    await expect(folderKeys({ folder }).open("alice")).rejects.toMatchObject({ code: "FORBIDDEN", next: /chmod 600/ });
  },
);

test("nothing is ever overwritten, and half a pair is never left", async () => {
  await createKeyFiles(at("alice.pem"), "ecdsa-p256");
  const before = readFileSync(at("alice.pem"));
  await expect(createKeyFiles(at("alice.pem"), "ecdsa-p256")).rejects.toMatchObject({ code: "CONFLICT" });
  expect(readFileSync(at("alice.pem"))).toEqual(before);
  writeFileSync(at("bob.pub.pem"), "mine");
  await expect(createKeyFiles(at("bob.pem"), "ecdsa-p256")).rejects.toMatchObject({ code: "CONFLICT" });
  expect(existsSync(at("bob.pem"))).toBe(false);
  await expect(createKeyFiles(at("none/carol.pem"), "ecdsa-p256")).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(readdirSync(folder).sort()).toEqual(["alice.pem", "alice.pub.pem", "bob.pub.pem"]);
});

test("an encrypted key asks for its pass phrase, a plain one does not", async () => {
  await createKeyFiles(at("alice.pem"), "ecdsa-p256", "open sesame");
  await createKeyFiles(at("bob.pem"), "ecdsa-p256");
  expect(readFileSync(at("alice.pem"), "utf8")).toContain("BEGIN AGE ENCRYPTED FILE");
  const asked: string[] = [];
  const passphrase = async (name: string): Promise<string> => {
    asked.push(name);
    return "open sesame";
  };
  const keys = folderKeys({ folder, passphrase });
  await keys.open("bob");
  await keys.open("alice");
  expect(asked).toEqual(["alice"]);
  await expect(folderKeys({ folder }).open("alice")).rejects.toMatchObject({ code: "FORBIDDEN" });
  const wrong = folderKeys({ folder, passphrase: async () => "open simsim" });
  await expect(wrong.open("alice")).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("names that are none, or nobody's, lead nowhere", async () => {
  const keys = folderKeys({ folder });
  await expect(keys.open("../../etc/passwd")).rejects.toMatchObject({ code: "USAGE" });
  await expect(keys.open("nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await folderKeys({ folder: at("none") }).list()).toEqual([]);
  mkdirSync(at("dir.pem"), { mode: 0o700 });
  await expect(keys.open("dir")).rejects.toMatchObject({ code: "IO" });
});
