import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asName } from "../../core/asset.ts";
import type { KeyAlgorithm } from "../../core/ports.ts";
import { fail } from "../../kit/errors.ts";
import { vkeyOf } from "../../ledger/vkey.ts";
import { generateIdentity } from "../../seal/age/identity.ts";
import { generateKey, writePrivateKey } from "../../seal/keys.ts";
import { createKeyFiles, type KeyFiles } from "../keys/key-files.ts";
import { writeDurably } from "./durable-file.ts";
import { type HomeLayout, homeLayout } from "./layout.ts";
import { storeKeyText } from "./store-keys.ts";

/** Name of the key that signs what this home's registry records. */
export const operatorKey = "operator";

/**
 * Creates a home folder: a log key, a store key, the operator's signing key (trusted), and the policy.
 * Folders are 0700 and private keys 0600. Nothing that exists is touched.
 * @param origin first line of the log's checkpoints, e.g. "castellan.example/log"; names the log to the world
 * @throws CONFLICT when the folder is a home already
 */
export async function createHome(
  root: string,
  parts: { readonly origin: string; readonly policy: string },
): Promise<HomeLayout> {
  const layout = homeLayout(root);
  if (existsSync(layout.logKey)) {
    fail("CONFLICT", {
      message: "This folder is a castellan home already",
      where: root,
      next: "Use it as it is, or choose another with --home.",
    });
  }
  for (const folder of [root, layout.keys, layout.trust, layout.blobs, layout.log, layout.record, layout.run]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  await createKey(layout, operatorKey, "ecdsa-p256");
  writeDurably(layout.storeKey, storeKeyText(generateIdentity()), 0o600, true);
  if (!existsSync(layout.policy)) writeDurably(layout.policy, parts.policy);
  const log = generateKey("ed25519");
  writeDurably(layout.logVkey, `${vkeyOf(parts.origin, log.publicKey)}\n`);
  // The log key is written last: a home that has one is complete.
  writeDurably(layout.logKey, await writePrivateKey(log.privateKey), 0o600, true);
  return layout;
}

/**
 * Makes a signing key in the home's key folder and trusts its public half under the same name.
 * @throws CONFLICT when a key of that name exists · USAGE for an unusable name
 */
export async function createKey(
  layout: HomeLayout,
  name: string,
  algorithm: KeyAlgorithm,
  passphrase?: string,
): Promise<KeyFiles> {
  const made = await createKeyFiles(join(layout.keys, `${asName(name, "The key")}.pem`), algorithm, passphrase);
  writeDurably(join(layout.trust, `${name}.pem`), readFileSync(made.publicFile), 0o644, true);
  return made;
}
