import type { ByteSource } from "../../core/byte-source.ts";
import type { KnownBytes, PickleStream } from "./examination.ts";

/** The pickle of the number that begins every file of PyTorch's format before 1.6 (torch/serialization.py). */
const magic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
/** Magic number, protocol version, facts about the system, the object, the keys of its storages. */
const pickles = 5;

const itemBytes: readonly (readonly [RegExp, number])[] = [
  [/\b(?:ComplexDouble)Storage/, 16],
  [/\b(?:Double|Long|ComplexFloat)Storage/, 8],
  [/\b(?:Float|Int|QInt32)Storage/, 4],
  [/\b(?:Half|Short|BFloat16)Storage/, 2],
  [/\b(?:Byte|Char|Bool|QInt8|QUInt8|Untyped|QUInt4x2|QUInt2x4)Storage/, 1],
];

/** True for the first bytes of a PyTorch file older than 1.6, or one saved without zip since. */
export function isTorchLegacy(source: ByteSource): boolean {
  const head = source.read(0, magic.length);
  return head.length === magic.length && magic.every((byte, i) => head[i] === byte);
}

/**
 * The storages behind the five pickles of a PyTorch file: for each an eight-byte count of items and the items. Undefined
 * when the bytes left over are not exactly those the object's persistent ids announce.
 */
export function torchStorages(streams: readonly PickleStream[], size: number): KnownBytes | undefined {
  const own = streams.filter((stream) => !stream.sharedMemo && stream.dialect === "memory");
  const object = own[pickles - 2];
  const last = own[pickles - 1];
  if (own.length !== pickles || object === undefined || last === undefined) return undefined;
  if (object.persistentCount !== object.persistentIds.length) return undefined;
  const storages = new Map<string, number>();
  for (const { id } of object.persistentIds) {
    if (id.startsWith('("module", ')) continue;
    const parsed = /^\("storage", ([\w.]+), "([^"]*)", "[^"]*", (\d+), /.exec(id);
    if (parsed === null) return undefined;
    const item = itemBytes.find(([name]) => name.test(parsed[1]!))?.[1];
    if (item === undefined) return undefined;
    storages.set(parsed[2]!, Number(parsed[3]) * item + 8);
  }
  const announced = [...storages.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (last.end + announced !== size) return undefined;
  return { start: last.end, end: size, what: "tensor data of PyTorch's format without zip" };
}
