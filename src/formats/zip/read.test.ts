import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import type { ZipArchive } from "./archive.ts";
import { zipContent } from "./content.ts";
import { readZip } from "./read.ts";
import { makeZip } from "./testing/make-zip.ts";

const models = new URL("../../../../shared/data/models/", import.meta.url).pathname;
const read = (bytes: Uint8Array): ZipArchive => readZip(bytesSource(bytes));
const codes = (bytes: Uint8Array): string[] => [...new Set(read(bytes).anomalies.map(({ code }) => code))].sort();
const names = (bytes: Uint8Array): string[] => read(bytes).members.map(({ name, seenBy }) => `${name} (${seenBy})`);
const two = [
  { name: "a.txt", data: "hello ".repeat(500), method: 8 },
  { name: "d/b.txt", data: "x" },
] as const;

function text(bytes: Uint8Array, index: number): string {
  const content = zipContent(bytesSource(bytes), read(bytes).members[index]!);
  return typeof content === "function"
    ? Buffer.concat(Array.from(content(), (piece) => piece.slice())).toString()
    : Buffer.from(content.read(0, content.size)).toString();
}

describe("reading a zip file", () => {
  test("finds nothing odd in an honest one, and gives its contents", () => {
    const zip = makeZip(two, { comment: Buffer.from("made for a test") });
    const archive = read(zip);
    expect(archive).toMatchObject({
      anomalies: [],
      leftovers: [],
      incomplete: [],
      comment: "made for a test",
      prefix: 0,
    });
    expect(names(zip)).toEqual(["a.txt (directory)", "d/b.txt (directory)"]);
    expect([text(zip, 0), text(zip, 1)]).toEqual(["hello ".repeat(500), "x"]);
  });

  test("shows both faces of a member whose directory entry and local header differ", () => {
    const renamed = makeZip([{ ...two[0], local: { name: "evil!" } }]);
    expect(codes(renamed)).toEqual(["names-differ"]);
    expect(names(renamed)).toEqual(["a.txt (directory)", "evil! (local header)"]);
    const method = makeZip([{ ...two[0], central: { method: 0 } }]);
    expect(codes(method)).toEqual(["headers-differ"]);
    expect(text(method, 1)).toBe("hello ".repeat(500));
    expect(codes(makeZip([{ ...two[0], local: { packedSize: 3 } }]))).toEqual(["headers-differ"]);
    expect(codes(makeZip([{ ...two[0], local: { crc: 3 } }]))).toEqual(["headers-differ"]);
  });

  test("reads on when only the flags say that a member is encrypted", () => {
    for (const zip of [
      makeZip([{ ...two[0], local: { flags: 1 } }]),
      makeZip([{ ...two[0], central: { flags: 1 } }]),
    ]) {
      expect(codes(zip)).toContain("headers-differ");
      expect(text(zip, 0)).toBe("hello ".repeat(500));
    }
    const secret = makeZip([
      { name: "s", data: "plain", packed: Buffer.from("crypt"), central: { flags: 1 }, local: { flags: 1 } },
    ]);
    expect(() => text(secret, 0)).toThrow("encrypted");
  });

  test("keeps going past a method it does not know", () => {
    const zip = makeZip([{ name: "odd", data: "?", method: 98 }, two[0]]);
    expect(() => text(zip, 0)).toThrow("method 98 (PPMd)");
    expect(text(zip, 1)).toBe("hello ".repeat(500));
  });

  test("finds members that stand in no directory: before, between and behind", () => {
    const hidden = makeZip([{ name: "hidden.pkl", data: "payload", method: 8 }]).subarray(0, 49);
    const inside = makeZip(two, { gap: hidden });
    expect(names(inside)).toContain("hidden.pkl (stray)");
    expect(codes(inside)).toEqual(["outside-directory"]);
    expect(names(Buffer.concat([hidden, makeZip(two)]))).toContain("hidden.pkl (stray)");
    expect(names(Buffer.concat([makeZip(two), hidden]))).toContain("hidden.pkl (stray)");
    expect(read(Buffer.from("PK\u0003\u0004nothing")).incomplete).not.toEqual([]);
  });

  test("accounts for bytes that are no member", () => {
    const before = read(Buffer.concat([Buffer.from("#!/bin/sh\n"), makeZip(two)]));
    expect(before).toMatchObject({
      prefix: 10,
      leftovers: [{ offset: 0, length: 10, content: "data", place: "before the archive" }],
    });
    expect(before.members).toHaveLength(2);
    expect(read(Buffer.concat([makeZip(two), Buffer.from("junk")])).leftovers).toMatchObject([
      { length: 4, place: "behind the archive" },
    ]);
    expect(read(Buffer.concat([makeZip(two), Buffer.alloc(99)])).leftovers).toMatchObject([
      { length: 99, content: "zeros" },
    ]);
    expect(codes(Buffer.concat([makeZip(two), Buffer.alloc(99)]))).toEqual([]);
  });

  test("reads every directory that some reader would use", () => {
    const decoy = makeZip([{ name: "decoy", data: "1" }]);
    // One end record inside the comment of another: zipfile takes the last, others the one whose comment reaches the end.
    const comment = makeZip([{ name: "outer", data: "1" }], { comment: decoy });
    expect(codes(comment)).toContain("directory-ambiguous");
    expect(names(comment)).toEqual(expect.arrayContaining(["decoy (directory)", "outer (other directory)"]));
    // A directory right before the end record, where zipfile looks, and another at the stated offset, where torch looks.
    const first = makeZip([{ name: "torch", data: "1" }]);
    const second = makeZip([{ name: "zipfile", data: "1" }]);
    const both = Buffer.concat([first, second]);
    both.writeUInt32LE(first.readUInt32LE(first.length - 22 + 16), both.length - 22 + 16);
    expect(codes(both)).toContain("directory-ambiguous");
    expect(names(both)).toEqual(expect.arrayContaining(["torch (other directory)"]));
  });

  test("reports overlaps, duplicates and entries without a member", () => {
    expect(codes(makeZip([two[1], { ...two[1], name: "again", central: { headerOffset: 0 } }]))).toContain("overlap");
    expect(codes(makeZip([two[1], { name: "D/B.TXT", data: "x" }]))).toEqual(["duplicate-folded-name"]);
    expect(codes(makeZip([two[1], { name: "d/b.txt", data: "y" }]))).toEqual(["duplicate-name"]);
    expect(codes(makeZip([{ ...two[1], central: { headerOffset: 7 } }]))).toContain("no-local-header");
    expect(codes(makeZip(two, { entries: 1 }))).toEqual(["directory-size"]);
    expect(read(makeZip(two, { entries: 1 })).members).toHaveLength(2);
  });

  test("reports names that escape or deceive, links and special files", () => {
    for (const name of ["../x", "a/../../x", "/x", "\\\\host\\x", "C:x", "a\\..\\x"])
      expect(codes(makeZip([{ name, data: "" }]))).toContain("name-escapes");
    const utf8 = { flags: 0x800 };
    for (const name of ["data.pkl\0.txt", "a\\b", "a\u202egnp.exe", "ab:c", "nul", ""])
      expect(codes(makeZip([{ name, data: "", central: utf8, local: utf8 }]))).toContain("name-ambiguous");
    const cut = Buffer.from("data.pkl\0.txt");
    expect(names(makeZip([{ name: cut, data: "" }]))).toEqual(["data.pkl (directory)"]);
    expect(codes(makeZip([{ name: "l", data: "../x", central: { external: 0xa1ff0000 } }]))).toEqual([
      "symlink",
      "symlink-escapes",
    ]);
    expect(codes(makeZip([{ name: "d/l", data: "../x", method: 8, central: { external: 0xa1ff0000 } }]))).toEqual([
      "symlink",
    ]);
    expect(codes(makeZip([{ name: "dev", data: "", central: { external: 0x21ff0000 } }]))).toEqual(["special-file"]);
  });

  test("verifies checksum, size and the end of compressed data", () => {
    const sum = { crc: 1 };
    expect(() => text(makeZip([{ ...two[0], local: sum, central: sum }]), 0)).toThrow("checksum");
    const size = { size: 9 };
    expect(() => text(makeZip([{ ...two[0], local: size, central: size }]), 0)).toThrow("said to have 9");
    const packed = Buffer.concat([Buffer.from([3, 0]), Buffer.from("smuggled")]);
    expect(() => text(makeZip([{ name: "e", data: "", method: 8, packed }]), 0)).toThrow("8 bytes follow");
  });

  test("says so when there are more members than it may list", () => {
    const zip = makeZip(Array.from({ length: 30 }, (_, n) => ({ name: `${n}`, data: "" })));
    const archive = readZip(bytesSource(zip), { entries: 10 });
    expect(archive.incomplete.map(({ why }) => why)).toContain("the zip file has more than 10 members");
  });

  test("lists what Python lists and reads what Python reads, in whatever way an archive was damaged", {
    timeout: 120_000,
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), "castellan-zip-"));
    try {
      const seeds = [
        makeZip(two),
        makeZip([...two, { name: "l", data: "../x", central: { external: 0xa1ff0000 } }], {
          comment: Buffer.from("c"),
        }),
      ];
      const samples = fc.sample(
        fc.tuple(fc.nat(1), fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { minLength: 1, maxLength: 3 })),
        { numRuns: 150, seed: 7 },
      );
      for (const [index, [which, changes]] of samples.entries()) {
        const bytes = Buffer.from(seeds[which]!);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        writeFileSync(join(folder, `${index}.zip`), bytes);
      }
      const theirs = python(folder, [
        "import zipfile, json, sys, os",
        "out = {}",
        "for f in os.listdir('.'):",
        "    try: out[f] = [[i.filename, (lambda: zipfile.ZipFile(f).open(i).read(10).hex())()] for i in zipfile.ZipFile(f).infolist()]",
        "    except Exception as e:",
        "        try: out[f] = [[i.filename, None] for i in zipfile.ZipFile(f).infolist()]",
        "        except Exception: pass",
        "print(json.dumps(out))",
      ]);
      if (!theirs) return;
      for (const [file, members] of Object.entries(theirs as Record<string, [string, string | null][]>)) {
        const bytes = readFileSync(join(folder, file));
        const ours = read(bytes);
        for (const [name, start] of members) {
          const same = ours.members.filter((member) => member.name === name);
          expect(same.length, `${file}: ${name}`).toBeGreaterThan(0);
          if (start !== null)
            expect(
              same.some((member) => firstBytes(bytes, member).startsWith(start)),
              `${file}: ${name}`,
            ).toBe(true);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("never fails with anything but its own errors on mutated archives and model files", { timeout: 120_000 }, () => {
    const seeds: Uint8Array[] = [makeZip(two)];
    if (existsSync(models)) {
      for (const name of readdirSync(`${models}digits`)
        .filter((name) => /\.(pt|keras)$/.test(name))
        .slice(0, 3))
        seeds.push(readFileSync(`${models}digits/${name}`));
    } else console.log("not run on model files: ../shared/data absent");
    fc.assert(
      fc.property(
        fc.nat(seeds.length - 1),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255), fc.boolean()), {
          minLength: 1,
          maxLength: 8,
        }),
        (which, changes) => {
          const bytes = Buffer.from(seeds[which]!);
          for (const [place, value, nearEnd] of changes) {
            const span = nearEnd ? Math.min(2000, bytes.length) : bytes.length;
            bytes[bytes.length - 1 - Math.floor(place * (span - 1))] = value;
          }
          try {
            const archive = read(bytes);
            for (const member of archive.members.slice(0, 20)) firstBytes(bytes, member);
          } catch (error) {
            if (!isCastellanError(error)) throw error;
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("accounts for every byte of the zip files that model libraries write, without a single anomaly", () => {
    if (!existsSync(models)) {
      console.log("not run: ../shared/data absent");
      return;
    }
    const files = readdirSync(models, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.(pt|keras|npz)$/.test(name),
    );
    expect(files.length).toBeGreaterThan(8);
    for (const file of files) {
      const bytes = readFileSync(models + file);
      expect(read(bytes), file).toMatchObject({ anomalies: [], leftovers: [], incomplete: [] });
      for (const index of read(bytes).members.keys()) text(bytes, index);
    }
  });
});

function firstBytes(bytes: Uint8Array, member: ZipArchive["members"][number]): string {
  try {
    const content = zipContent(bytesSource(bytes), member);
    if (typeof content !== "function") return Buffer.from(content.read(0, 10)).toString("hex");
    const seen: Uint8Array[] = [];
    try {
      for (const piece of content()) seen.push(piece.slice());
    } catch (error) {
      if (!isCastellanError(error)) throw error;
    }
    return Buffer.concat(seen).subarray(0, 10).toString("hex");
  } catch (error) {
    if (!isCastellanError(error)) throw error;
    return "";
  }
}

function python(cwd: string, lines: readonly string[]): unknown {
  try {
    return JSON.parse(
      execFileSync("python3", ["-c", lines.join("\n")], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    console.log("not compared with Python: python3 is not installed");
    return undefined;
  }
}
