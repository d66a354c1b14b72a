import { quoted } from "../container/anomaly.ts";
import type { ZipAnomaly } from "./archive.ts";
import { entryName, unicodePath } from "./entry-name.ts";
import type { DirectoryEntry, ZipHeader } from "./records.ts";
import { flag } from "./records.ts";

const full32 = 0xffffffff;

/** The disagreements between a directory entry and its local header, and whether they change what is read. */
export interface Comparison {
  readonly anomalies: readonly ZipAnomaly[];
  /** True when a reader that believes the local header reads other bytes, or the same bytes in another way. */
  readonly readsOtherwise: boolean;
}

/**
 * Compares what the directory and the local header say about a member. What honest tools write differently (time of day,
 * compression level bits, sizes and checksum left zero for a data descriptor, extra fields) is no anomaly.
 */
export function compareHeaders(entry: DirectoryEntry, local: ZipHeader): Comparison {
  const name = entryName(entry.rawName, entry.flags).text;
  const anomalies: ZipAnomaly[] = [];
  let readsOtherwise = false;
  const differ = (what: string, directory: string | number, header: string | number, otherwise: boolean): void => {
    const why = `the directory says ${what} ${directory}, the local header says ${header}`;
    anomalies.push({ code: "headers-differ", offset: local.offset, why, member: name });
    readsOtherwise ||= otherwise;
  };

  if (!entry.rawName.equals(local.rawName)) {
    const other = quoted(entryName(local.rawName, local.flags).text);
    const why = `the directory calls the member ${quoted(name)}, its local header ${other}`;
    anomalies.push({ code: "names-differ", offset: local.offset, why, member: name });
    readsOtherwise = true;
  } else if (((entry.flags ^ local.flags) & flag.utf8) !== 0 && entry.rawName.some((byte) => byte >= 0x80)) {
    const why = `directory and local header of ${quoted(name)} state different encodings of the name`;
    anomalies.push({ code: "names-differ", offset: local.offset, why, member: name });
  }
  for (const [header, where] of [
    [entry, "directory entry"],
    [local, "local header"],
  ] as const) {
    const path = unicodePath(header);
    if (path !== undefined && path !== entryName(header.rawName, header.flags | flag.utf8).text && path !== name) {
      const why = `the ${where} of ${quoted(name)} also calls it ${quoted(path)}`;
      // Honest tools use the field for names that their encoding cannot hold.
      const code = header.rawName.every((byte) => byte < 0x80 && byte !== 0x3f && byte !== 0x5f)
        ? "names-differ"
        : "name-ambiguous";
      anomalies.push({ code, offset: header.offset, why, member: name });
    }
  }

  const changes = flag.encrypted | flag.patch | flag.strong | flag.masked;
  if ((entry.flags ^ local.flags) & changes) differ("flags", entry.flags & changes, local.flags & changes, true);
  if (entry.method !== local.method) differ("method", entry.method, local.method, true);
  // With a descriptor the local sizes are zero, or full where a zip64 descriptor follows; or simply right.
  const deferred = (local.flags & flag.descriptor) !== 0;
  const sizeDiffers = (ours: number, theirs: number): boolean =>
    ours !== theirs && !(deferred && (theirs === 0 || theirs === full32));
  if (sizeDiffers(entry.packedSize, local.packedSize)) differ("packed size", entry.packedSize, local.packedSize, true);
  if (sizeDiffers(entry.size, local.size)) differ("size", entry.size, local.size, entry.method === 0);
  if (entry.crc !== local.crc && !(deferred && local.crc === 0)) {
    differ("checksum", entry.crc.toString(16), local.crc.toString(16), false);
  }
  return { anomalies, readsOtherwise };
}
