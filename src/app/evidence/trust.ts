import { existsSync } from "node:fs";
import { join } from "node:path";
import { textOf } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import { type Quorum, quorumOf } from "../../ledger/quorum.ts";
import { parseVkey } from "../../ledger/vkey.ts";
import { keyIdOf, parsePublicKey } from "../../seal/keys.ts";
import { readDocument } from "../flows/read-document.ts";
import { readTrustFolder, type TrustedKey } from "../home/trust.ts";
import type { EvidenceFolder } from "./folder.ts";
import { evidencePlaces } from "./format.ts";

/** Whom a verification believes. */
export interface EvidenceTrust {
  readonly keys: readonly TrustedKey[];
  /** The log's public key. */
  readonly vkey: string;
  /** Which witnesses must have cosigned the checkpoint, and how many; undefined when none was asked for. */
  readonly quorum: Quorum | undefined;
  /** True when the keys come from the folder itself: the evidence is consistent, but whose it is was not pinned. */
  readonly fromFolder: boolean;
}

/**
 * Trust from a folder of the verifier's own, laid out like a home's trust folder with `log.vkey` beside the keys; a home
 * folder serves as well.
 * @throws NOT_FOUND · MALFORMED · CONFIG
 */
export function pinnedTrust(folder: string, witnesses: readonly string[], quorum: number | undefined): EvidenceTrust {
  const inHome = existsSync(join(folder, "trust"));
  const keys = readTrustFolder(inHome ? join(folder, "trust") : folder);
  const vkeyPath = inHome ? join(folder, "keys", "log.vkey") : join(folder, "log.vkey");
  if (keys.length === 0)
    fail("NOT_FOUND", {
      message: "There are no public keys here",
      where: folder,
      next: "Put <name>.pem files and log.vkey into this folder.",
    });
  const vkey = textOf(readDocument(vkeyPath, "the log's key", 4096), vkeyPath).trim();
  parseVkey(vkey);
  return { keys, vkey, quorum: quorumFor(vkey, witnesses, quorum), fromFolder: false };
}

/** The keys the evidence brings along. @throws NOT_FOUND · MALFORMED */
export function folderTrust(
  folder: EvidenceFolder,
  witnesses: readonly string[],
  quorum: number | undefined,
): EvidenceTrust {
  const keys = folder.paths
    .filter((path) => /^trust\/[^/]+\.pem$/.test(path))
    .sort()
    .map((path) => {
      const publicKey = parsePublicKey(folder.read(path, 16_384), path);
      return { name: path.slice("trust/".length, -".pem".length), keyId: keyIdOf(publicKey), publicKey };
    });
  const vkey = textOf(folder.read(evidencePlaces.vkey, 4096), evidencePlaces.vkey).trim();
  parseVkey(vkey);
  return { keys, vkey, quorum: quorumFor(vkey, witnesses, quorum), fromFolder: true };
}

/** @throws CONFIG for a rule that makes no sense, such as two of one witness */
function quorumFor(vkey: string, witnesses: readonly string[], n: number | undefined): Quorum | undefined {
  if (witnesses.length === 0 && n === undefined) return undefined;
  return quorumOf({ n: n ?? witnesses.length, witnesses }, parseVkey(vkey));
}
