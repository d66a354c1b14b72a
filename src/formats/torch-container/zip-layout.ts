import type { ByteSource } from "../../core/byte-source.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { concat } from "../../kit/bytes.ts";
import { isCastellanError } from "../../kit/errors.ts";
import type { Unexamined } from "../container/anomaly.ts";
import { quoted } from "../container/anomaly.ts";
import { examinePickle } from "../pickle/examine.ts";
import type { ZipMember } from "../zip/archive.ts";
import { zipContent } from "../zip/content.ts";
import { archivePrefix, constantsPickle, statePickle } from "./records.ts";
import type { StorageRequest } from "./storage-types.ts";
import { storageRequest } from "./storage-types.ts";

/** How the members of a PyTorch archive belong together. */
export interface TorchLayout {
  /** The folder all members lie in, as torch finds it: what precedes the first slash of the first name. */
  readonly prefix: string;
  /** Header offset of a member → why its bytes are tensor data that no loader interprets. */
  readonly storages: ReadonlyMap<number, string>;
  /** Storages that a pickle asks for and that are not there, or have another size. */
  readonly missing: readonly string[];
  readonly incomplete: readonly Unexamined[];
}

/** Larger pickles are not read a second time only to find their storages. */
const longestPickle = 64 * 1024 * 1024;

/**
 * Finds out which members are tensor storages: those that a pickle of the archive names in a persistent id, that exist once, and
 * whose size is exactly what the id says.
 */
export function torchLayout(source: ByteSource, members: readonly ZipMember[], expired?: () => boolean): TorchLayout {
  const prefix = archivePrefix(members) ?? "";
  const storages = new Map<number, string>();
  const missing: string[] = [];
  const incomplete: Unexamined[] = [];
  const byName = new Map<string, ZipMember[]>();
  for (const member of members) {
    const key = member.name.toLowerCase();
    const same = byName.get(key);
    if (same) same.push(member);
    else byName.set(key, [member]);
  }
  for (const { pickle, folder } of [statePickle, constantsPickle]) {
    for (const member of byName.get(`${prefix}/${pickle}`.toLowerCase()) ?? []) {
      const bytes = contentOf(source, member);
      if (!bytes) {
        incomplete.push({
          why: `${quoted(member.name)} cannot be read here: which members are its tensors is not known`,
        });
        continue;
      }
      for (const { type, key, size } of requests(bytes, expired)) {
        const name = `${prefix}/${folder}/${key}`;
        const found = byName.get(name.toLowerCase()) ?? [];
        const [only] = found;
        if (found.length === 1 && only!.seenBy === "directory" && only!.size === size) {
          storages.set(only!.headerOffset, `storage of ${size} bytes that ${pickle} names as ${type}`);
        } else if (missing.length < 1000) {
          missing.push(
            `${name} (${found.length === 1 ? `${only!.size} bytes instead of ${size}` : found.length === 0 ? "absent" : "twice"})`,
          );
        }
      }
    }
  }
  return { prefix, storages, missing, incomplete };
}

function contentOf(source: ByteSource, member: ZipMember): ByteSource | undefined {
  if (member.dataOffset === undefined) return undefined;
  const content = zipContent(source, member);
  if (typeof content !== "function") return content;
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (const piece of content()) {
      size += piece.length;
      if (size > longestPickle) return undefined;
      pieces.push(piece.slice());
    }
  } catch (error) {
    // What came before the damage is what a loader would have read.
    if (!isCastellanError(error, "MALFORMED", "INTEGRITY", "UNSUPPORTED", "LIMIT")) throw error;
    if (size === 0) return undefined;
  }
  return bytesSource(concat(...pieces));
}

function requests(pickle: ByteSource, expired: (() => boolean) | undefined): StorageRequest[] {
  if (pickle.size > longestPickle) return [];
  const { streams } = examinePickle(pickle, { joblib: false, ...(expired ? { expired } : {}) });
  const found = new Map<string, StorageRequest>();
  const disputed = new Set<string>();
  for (const { id } of streams.flatMap(({ persistentIds }) => persistentIds)) {
    const request = storageRequest(id);
    if (!request) continue;
    const same = found.get(request.key);
    // Two sizes for one storage: neither is proven.
    if (same && same.size !== request.size) disputed.add(request.key);
    found.set(request.key, request);
  }
  return [...found.values()].filter(({ key }) => !disputed.has(key));
}
