import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Home } from "../app/home/open.ts";
import { folderKeys, keyFileExposure } from "../app/keys/folder-keys.ts";
import { isName } from "../core/asset.ts";
import type { Signer } from "../core/ports.ts";
import { fail } from "../kit/errors.ts";
import { parsePrivateKey, signerOf } from "../seal/keys.ts";
import type { Invocation, OptionSpec } from "./command.ts";
import { askPassphrase, canAsk, passphraseFromFile } from "./passphrase.ts";
import { textOption } from "./options.ts";

export const keyOptions: readonly OptionSpec[] = [
  {
    flags: "--key <name>",
    help: "sign with this key of the home, or with the private key in this file (default operator)",
  },
  { flags: "--passphrase-file <file>", help: "the key's pass phrase is the first line of this file" },
];

/** The signer `--key` names; the home's operator when it is absent. @throws NOT_FOUND · FORBIDDEN for a wrong pass phrase */
export async function signingKey(call: Invocation, home: Home): Promise<Signer> {
  const chosen = textOption(call, "key");
  if (chosen === undefined) return home.signer;
  if (isName(chosen) && existsSync(join(home.layout.keys, `${chosen}.pem`))) {
    return folderKeys({ folder: home.layout.keys, passphrase: (name) => passphraseFor(call, name) }).open(chosen);
  }
  const path = resolve(call.cwd, chosen);
  if (!existsSync(path)) {
    fail("NOT_FOUND", {
      message: `There is no key "${chosen}" in the home, and no such file`,
      where: path,
      next: `Make one with: castellan keys new ${isName(chosen) ? chosen : "NAME"} --trust`,
    });
  }
  const exposure = keyFileExposure(path);
  if (exposure) fail("FORBIDDEN", { message: exposure, where: path, next: `Run: chmod 600 ${path}` });
  const bytes = readFileSync(path);
  const encrypted = /-----BEGIN (AGE ENCRYPTED FILE|ENCRYPTED PRIVATE KEY)-----/.test(bytes.toString("latin1"));
  return signerOf(await parsePrivateKey(bytes, path, encrypted ? await passphraseFor(call, chosen) : undefined));
}

async function passphraseFor(call: Invocation, name: string): Promise<string | undefined> {
  const file = textOption(call, "passphraseFile");
  if (file !== undefined) return passphraseFromFile(resolve(call.cwd, file));
  return canAsk() ? askPassphrase(`pass phrase of ${name}`) : undefined;
}
