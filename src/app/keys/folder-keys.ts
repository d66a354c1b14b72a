import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asName, isName } from "../../core/asset.ts";
import type { KeyProvider } from "../../core/ports.ts";
import { fail } from "../../kit/errors.ts";
import { parsePrivateKey, signerOf } from "../../seal/keys.ts";
import { ioError } from "../home/durable-file.ts";

export interface FolderKeysOptions {
  readonly folder: string;
  /** Asked for the pass phrase of an encrypted key; undefined means there is none to give. */
  readonly passphrase?: (name: string) => Promise<string | undefined>;
}

/**
 * Keys in a folder, one private key per `<name>.pem`. A file that others may read is refused: its secret must be taken
 * for known.
 */
export function folderKeys({ folder, passphrase }: FolderKeysOptions): KeyProvider {
  return {
    async open(name) {
      const path = join(folder, `${asName(name, "the key")}.pem`);
      if (!existsSync(path)) {
        fail("NOT_FOUND", {
          message: `there is no key called "${name}"`,
          where: folder,
          next: `Make one with: castellan keys new ${name}`,
        });
      }
      const exposure = keyFileExposure(path);
      if (exposure) fail("FORBIDDEN", { message: exposure, where: path, next: `Run: chmod 600 ${path}` });
      const bytes = readKey(path);
      const encrypted = /-----BEGIN (AGE ENCRYPTED FILE|ENCRYPTED PRIVATE KEY)-----/.test(bytes.toString("latin1"));
      const phrase = encrypted ? await passphrase?.(name) : undefined;
      return signerOf(await parsePrivateKey(bytes, `the key "${name}"`, phrase));
    },
    async list() {
      if (!existsSync(folder)) return [];
      return readdirSync(folder)
        .filter((file) => file.endsWith(".pem") && !file.endsWith(".pub.pem"))
        .map((file) => file.slice(0, -".pem".length))
        .filter(isName)
        .sort();
    },
  };
}

/** Says what is wrong when a private key file is a link or open to others; undefined when it is not, is absent, or on Windows. */
export function keyFileExposure(path: string): string | undefined {
  if (process.platform === "win32") return undefined;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (found.isSymbolicLink()) return undefined;
  const mode = found.mode & 0o777;
  if ((mode & 0o077) === 0) return undefined;
  return `the private key may be read or changed by others (its mode is 0${mode.toString(8)})`;
}

function readKey(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw ioError(error, path);
  }
}
