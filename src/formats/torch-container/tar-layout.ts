import type { ByteSource } from "../../core/byte-source.ts";
import { sliceSource } from "../../core/byte-source.ts";
import type { Unexamined } from "../container/anomaly.ts";
import type { GlobalRecord } from "../pickle/examination.ts";
import { examinePickle } from "../pickle/examine.ts";
import { storageItemBytes } from "./storage-types.ts";

/** A stretch of one of the members of a PyTorch tar file. */
export interface TarPart {
  readonly start: number;
  readonly end: number;
  /** A pickle that torch loads, or bytes that it copies into a tensor. */
  readonly kind: "pickle" | "data";
}

/** The stretches of a member, in order; what could not be told apart is in `incomplete` and has no part. */
export interface TarParts {
  readonly parts: readonly TarPart[];
  readonly incomplete: readonly Unexamined[];
}

/** The pickles between the raw data hold a name, a number and a type. */
const longestPickle = 64 * 1024;
const mostParts = 100_000;

/**
 * Takes the member "storages" or "tensors" of a file of torch before 0.1.10 apart (torch/serialization.py, `legacy_load`): a pickled
 * count; for each a pickle of its key and type followed by raw bytes; for storages a last pickle of views.
 */
export function tarParts(source: ByteSource, member: "storages" | "tensors", tick: () => void): TarParts {
  const parts: TarPart[] = [];
  let at = 0;
  while (at < source.size) {
    tick();
    if (parts.length >= mostParts) return stopped(parts, `"${member}" has more than ${mostParts} parts`, at);
    const found = pickleAt(source, at);
    if (!found) return stopped(parts, `the bytes of "${member}" from here on are not what torch writes`, at);
    parts.push({ start: at, end: found.end, kind: "pickle" });
    at = found.end;
    const raw = found.type === undefined ? 0 : rawLength(source, at, member, found.type);
    if (raw === undefined || at + raw > source.size)
      return stopped(parts, `the raw data in "${member}" do not end inside it`, at);
    if (raw > 0) parts.push({ start: at, end: at + raw, kind: "data" });
    at += raw;
  }
  return { parts, incomplete: [] };
}

function stopped(parts: readonly TarPart[], why: string, offset: number): TarParts {
  return { parts, incomplete: [{ why, offset }] };
}

function pickleAt(source: ByteSource, at: number): { end: number; type: string | undefined } | undefined {
  const slice = sliceSource(source, at, at + longestPickle);
  const [stream] = examinePickle(slice, { joblib: false, maxStreams: 1 }).streams;
  if (!stream || stream.ended !== "stop") return undefined;
  return { end: at + stream.end, type: stream.globals.map(typeName).find((name) => name !== undefined) };
}

function typeName({ module, name }: GlobalRecord): string | undefined {
  return module.startsWith("torch") && /(?:Storage|Tensor)$/.test(name) ? name : undefined;
}

/** Bytes that follow the pickle: a count and the items of a storage, or the shape of a tensor. */
function rawLength(source: ByteSource, at: number, member: "storages" | "tensors", type: string): number | undefined {
  const head = Buffer.from(source.read(at, 8));
  if (head.length < 8) return undefined;
  if (member === "tensors") {
    const dimensions = head.readInt32LE(0);
    return dimensions >= 0 && dimensions <= 1000 ? 8 + 16 * dimensions + 8 : undefined;
  }
  const item = storageItemBytes(type);
  const count = head.readBigInt64LE(0);
  return item !== undefined && count >= 0n && count < 2n ** 46n ? 8 + Number(count) * item : undefined;
}
