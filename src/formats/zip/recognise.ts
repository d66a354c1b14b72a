import type { ByteSource } from "../../core/byte-source.ts";
import { firstNonZero } from "../container/coverage.ts";
import { checksumFits } from "../tar/header.ts";
import type { EndRecord } from "./directories.ts";
import { directoryPlaces, endRecords } from "./directories.ts";
import { signatures } from "./records.ts";

/**
 * Would a zip reader open this? "certain" with an end record and the directory it names, wherever the archive begins; "likely"
 * with members but no directory; "possible" for a zip file that is only the last member of a tar file.
 */
export function recogniseZip(source: ByteSource, head: Uint8Array): "no" | "possible" | "likely" | "certain" {
  const starts = startsWith(head, signatures.local);
  for (const end of endRecords(source)) {
    const places = directoryPlaces(source, end);
    const sized = places.some(({ size }) => size > 0);
    // An end record of nothing makes a zip file only when it is the whole of it: four bytes may stand anywhere by chance.
    if (!sized && !(places.length > 0 && end.offset === 0)) continue;
    return !starts && lastOfTar(source, head, end) ? "possible" : "certain";
  }
  return starts ? "likely" : "no";
}

function startsWith(head: Uint8Array, signature: Uint8Array): boolean {
  return signature.every((byte, index) => head[index] === byte);
}

/** The tar reader takes every byte of such a file, and hands the zip file on as the member it is. */
function lastOfTar(source: ByteSource, head: Uint8Array, end: EndRecord): boolean {
  const stop = end.offset + end.length;
  return (
    checksumFits(head.subarray(0, 512)) &&
    source.size - stop >= 1024 &&
    source.size - stop <= 65536 &&
    firstNonZero(source, stop, source.size) === undefined
  );
}
