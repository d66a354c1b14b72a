import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { folderDecoder, FolderStream } from "./folder-stream.ts";
import { readSevenZip } from "./read.ts";
import { samples } from "./testing/samples.ts";

const bytesOf = (name: keyof typeof samples): Buffer => Buffer.from(samples[name], "base64");

function contents(bytes: Uint8Array): Record<string, string> {
  const source = bytesSource(bytes);
  const { folders, members } = readSevenZip(source);
  const found: Record<string, string> = {};
  for (const { name, folder, start, size, crc } of members) {
    if (folder === undefined) continue;
    const whole = folders[folder]!;
    const stream = new FolderStream(
      () => folderDecoder(source, whole),
      whole.size,
      whole.packed!.end - whole.packed!.start,
    );
    found[name] = Buffer.concat([...stream.read(start, size, crc)]).toString();
  }
  return found;
}

describe("reading a 7z file", () => {
  test("gives members and contents for every method it knows, packed header or not", () => {
    for (const name of ["lzma", "lzma2", "deflate", "copy", "plain"] as const) {
      const archive = readSevenZip(bytesSource(bytesOf(name)));
      expect(archive, name).toMatchObject({ leftovers: [], incomplete: [] });
      expect(archive.members.map(({ name, kind }) => `${name} ${kind}`).sort(), name).toEqual([
        "d folder",
        "d/a.txt file",
        "d/b.pkl file",
        "d/link symlink",
        "d/zero file",
      ]);
      expect(contents(bytesOf(name)), name).toEqual({
        "d/a.txt": "hello hello hello hello\n",
        "d/b.pkl": "second second second\n",
        "d/link": "../../x",
      });
    }
  });

  test("names the method it does not know", () => {
    expect(() => contents(bytesOf("ppmd"))).toThrow("packed with PPMd");
  });

  test("reads members of a solid folder in order in one go, and again from the start", () => {
    const source = bytesSource(bytesOf("lzma2"));
    const { folders, members } = readSevenZip(source);
    const files = members.filter(({ folder }) => folder === 0);
    expect(files.length).toBeGreaterThan(1);
    let opened = 0;
    const { packed, size } = folders[0]!;
    const stream = new FolderStream(
      () => {
        opened++;
        return folderDecoder(source, folders[0]!);
      },
      size,
      packed!.end - packed!.start,
    );
    for (const file of files) expect([...stream.read(file.start, file.size, file.crc)].length).toBeGreaterThan(0);
    expect(opened).toBe(1);
    expect([...stream.read(files[0]!.start, files[0]!.size, files[0]!.crc)].length).toBeGreaterThan(0);
    expect(opened).toBe(2);
  });

  test("accounts for bytes behind the archive and behind packed data", () => {
    expect(readSevenZip(bytesSource(Buffer.concat([bytesOf("copy"), Buffer.from("more")]))).leftovers).toMatchObject([
      { length: 4, content: "data" },
    ]);
  });

  test("refuses wrong checksums and headers that are cut off", () => {
    const wrong = bytesOf("plain");
    wrong[wrong.length - 3]! ^= 1;
    expect(() => readSevenZip(bytesSource(wrong))).toThrow("checksum");
    expect(() => readSevenZip(bytesSource(bytesOf("plain").subarray(0, -9)))).toThrow("cut off");
  });

  test("never fails with anything but its own errors, whatever the header says", () => {
    const seed = bytesOf("plain");
    const start = 32 + Number(seed.readBigUInt64LE(12));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(seed.length - start - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = Buffer.from(seed);
          for (const [at, value] of changes) bytes[start + at] = value;
          bytes.writeUInt32LE(crc32(bytes.subarray(start)), 28);
          bytes.writeUInt32LE(crc32(bytes.subarray(12, 32)), 8);
          try {
            const source = bytesSource(bytes);
            const { folders, members } = readSevenZip(source);
            for (const { folder, start, size, crc } of members) {
              if (folder === undefined) continue;
              const stream = new FolderStream(() => folderDecoder(source, folders[folder]!), size, 0);
              let seen = 0;
              for (const piece of stream.read(start, Math.min(size, 1e6), crc)) if ((seen += piece.length) > 1e6) break;
            }
          } catch (error) {
            if (!isCastellanError(error)) throw error;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
