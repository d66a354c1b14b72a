import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import type { Hdf5Fields } from "./fields.ts";

export const signature = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Where the superblock lies: at 0, 512, 1024, 2048 … ; undefined when there is none in the first 16 MiB. */
export function findSuperblock(source: ByteSource): number | undefined {
  for (let at = 0; at + 8 <= source.size && at <= 1 << 24; at = at === 0 ? 512 : at * 2) {
    if (signature.equals(source.read(at, 8))) return at;
  }
  return undefined;
}

/**
 * Reads the superblock at `at` into `file` (sizes, base address).
 * Source: HDF5 File Format Specification 3.0, II.A. @returns where the root group's object header lies, and the end of the file
 */
export function readSuperblock(file: Hdf5Fields, at: number): { root: number; end: number; extension: number } {
  const { window } = file;
  const version = window.u8(at + 8);
  if (version > 3) fail("UNSUPPORTED", `HDF5 superblock version ${version} is not known`);
  const sizes = version < 2 ? at + 13 : at + 9;
  file.offsetSize = window.u8(sizes);
  file.lengthSize = window.u8(sizes + 1);
  for (const size of [file.offsetSize, file.lengthSize]) {
    if (![2, 4, 8].includes(size)) fail("UNSUPPORTED", `HDF5 numbers of ${size} bytes are not known`);
  }
  const o = file.offsetSize;
  file.base = 0;
  if (version >= 2) {
    file.base = file.address(at + 12);
    file.cover(at, 12 + 4 * o + 4);
    return {
      extension: file.address(at + 12 + o),
      end: endAt(file, at + 12 + 2 * o),
      root: file.address(at + 12 + 3 * o),
    };
  }
  file.groupLeafK = window.u16(at + 16);
  file.groupInternalK = window.u16(at + 18);
  const places = at + (version === 1 ? 28 : 24);
  if (version === 1) file.chunkK = window.u16(at + 24);
  file.base = file.address(places);
  const entry = places + 4 * o;
  file.cover(at, entry + 2 * o + 24 - at);
  const driver = file.address(places + 3 * o);
  if (driver >= 0) file.gap("the file is spread over several by a driver", driver);
  return { extension: -1, end: endAt(file, places + 2 * o), root: file.address(entry + o) };
}

/** The end of the file: counted from the file's beginning by the library, from the base address by the specification. */
function endAt(file: Hdf5Fields, at: number): number {
  const stated = file.number(at, file.offsetSize);
  return stated + file.base === file.window.size ? stated + file.base : stated;
}
