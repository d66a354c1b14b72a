import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import type { TarArchive } from "./archive.ts";
import { readTar, tarContent } from "./read.ts";
import { tarEntry as entry } from "./testing/make-tar.ts";

const pax = (records: Record<string, string>, type = "x"): Buffer => {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length;
    while (`${length}`.length + rest.length !== length) length = `${length}`.length + rest.length;
    return `${length}${rest}`;
  });
  return entry({ name: "PaxHeaders/x", type, data: lines.join("") });
};
const end = Buffer.alloc(1024);
const read = (...parts: Buffer[]): TarArchive => readTar(bytesSource(Buffer.concat(parts)));
const codes = (...parts: Buffer[]): string[] => [...new Set(read(...parts).anomalies.map(({ code }) => code))].sort();
const names = (archive: TarArchive): string[] => archive.members.map(({ name }) => name);

describe("reading a tar file", () => {
  test("finds nothing odd in an honest one", () => {
    const archive = read(
      entry({ name: "a/", type: "5" }),
      entry({ name: "a/b", data: "hello" }),
      entry({ name: "l", type: "2", target: "a/b" }),
      end,
    );
    expect(archive).toMatchObject({ anomalies: [], incomplete: [], leftovers: [{ content: "zeros", length: 1024 }] });
    expect(archive.members.map(({ kind, size }) => [kind, size])).toEqual([
      ["folder", 0],
      ["file", 5],
      ["symlink", 0],
    ]);
  });

  test("uses long names and sizes from pax and GNU headers, and says when sizes disagree", () => {
    const long = "x".repeat(150);
    expect(names(read(pax({ path: long }), entry({ name: "short", data: "1" }), end))).toEqual([long]);
    expect(
      names(read(entry({ name: "././@LongLink", type: "L", data: `${long}\0` }), entry({ name: "short" }), end)),
    ).toEqual([long]);
    expect(codes(pax({ size: "512" }), entry({ name: "a", size: 0 }), Buffer.alloc(512), end)).toEqual([
      "sizes-differ",
    ]);
    expect(codes(pax({ path: "p" }, "g"), entry({ name: "a" }), end)).toEqual(["odd-extension"]);
    expect(codes(entry({ name: "h", type: "x", data: "99 path=x\n" }), entry({ name: "a" }), end)).toEqual([
      "odd-extension",
    ]);
  });

  test("reports links, devices and names that escape, twins and contents where none belong", () => {
    expect(codes(entry({ name: "l", type: "2", target: "../x" }), end)).toEqual(["link-escapes"]);
    expect(codes(entry({ name: "d/l", type: "2", target: "../x" }), end)).toEqual([]);
    expect(codes(entry({ name: "d/l", type: "1", target: "../x" }), end)).toEqual(["link-escapes"]);
    expect(codes(entry({ name: "../x" }), end)).toEqual(["name-escapes"]);
    expect(codes(entry({ name: "dev", type: "3" }), end)).toEqual(["special-file"]);
    expect(codes(entry({ name: "a" }), entry({ name: "a" }), end)).toEqual(["duplicate-name"]);
    const hidden = read(
      entry({ name: "l", type: "2", target: "x", size: 512 }),
      entry({ name: "inside", data: "1" }),
      end,
    );
    expect(names(hidden)).toEqual(["l", "inside"]);
    expect(hidden.anomalies.map(({ code }) => code)).toEqual(["contents-on-link"]);
  });

  test("goes on behind damaged blocks and behind the end mark", () => {
    const damaged = entry({ name: "bad", data: "x" });
    damaged[0]! ^= 1;
    const archive = read(entry({ name: "a" }), damaged, entry({ name: "b" }), end, entry({ name: "c" }), end);
    expect(names(archive)).toEqual(["a", "b", "c"]);
    expect(new Set(archive.anomalies.map(({ code }) => code))).toEqual(
      new Set(["bad-header", "hidden-bytes", "members-after-end"]),
    );
    expect(codes(entry({ name: "a" }), end, Buffer.from("junk"))).toEqual(["hidden-bytes"]);
    expect(read(entry({ name: "a", size: 5000 })).incomplete).toHaveLength(1);
  });

  test("reports numbers that readers take differently, and never walks backwards", () => {
    expect(codes(entry({ name: "a", size: "0o17\0" }), end)).toContain("odd-number");
    const negative = entry({
      name: "a",
      size: "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00fe\u0000",
    });
    expect(codes(negative, end)).toContain("odd-number");
    expect(read(negative, end).incomplete).toHaveLength(1);
  });

  test("puts the zeros of sparse files back, as GNU tar does", () => {
    const folder = mkdtempSync(join(tmpdir(), "castellan-tar-"));
    try {
      const made = python(
        folder,
        "import os\nwith open('s','wb') as f:\n f.truncate(3000000)\n f.seek(1000000)\n f.write(b'middle')\nwith open('t','wb') as f: f.write(b'plain')",
      );
      if (!made) return;
      for (const format of [
        ["--format=gnu"],
        ["--format=pax", "--sparse-version=0.0"],
        ["--format=pax", "--sparse-version=0.1"],
        ["--format=pax", "--sparse-version=1.0"],
      ]) {
        execFileSync("tar", ["-C", folder, "-S", ...format, "-cf", join(folder, "x.tar"), "s", "t"]);
        const source = bytesSource(readFileSync(join(folder, "x.tar")));
        const archive = readTar(source);
        expect(archive.incomplete).toEqual([]);
        expect(names(archive)).toEqual(["s", "t"]);
        const [member] = archive.members;
        const content = tarContent(source, member!);
        const bytes =
          typeof content === "function" ? Buffer.concat([...content()]) : Buffer.from(content.read(0, content.size));
        expect(bytes.equals(readFileSync(join(folder, "s"))), format.join(" ")).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("lists what Python lists, in every format and however damaged", { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), "castellan-tar-"));
    try {
      const made = python(
        folder,
        `
import tarfile, io, random
random.seed(5)
def add(t, name, data=b'', **k):
    i = tarfile.TarInfo(name); i.size = len(data)
    for a, v in k.items(): setattr(i, a, v)
    t.addfile(i, io.BytesIO(data))
seeds = []
for f in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
    b = io.BytesIO()
    with tarfile.open(fileobj=b, mode='w', format=f) as t:
        add(t, 'a', b'x' * 700); add(t, 'd', type=tarfile.DIRTYPE); add(t, 'd/' + 'n' * 90, b'y'); add(t, 'l', type=tarfile.SYMTYPE, linkname='a')
        if f != tarfile.USTAR_FORMAT: add(t, 'e/' + 'm' * 200, b'z' * 10); add(t, '\u00e9', b'q')
    seeds.append(b.getvalue())
for n in range(120):
    d = bytearray(seeds[n % 3])
    if n >= 3:
        for _ in range(random.randint(1, 3)): d[random.randrange(4000) % len(d)] = random.choice((0, 32, 48, 55, 128, 255, random.randrange(256)))
    open('%d.tar' % n, 'wb').write(d)
    try:
        with tarfile.open('%d.tar' % n) as t: names = [m.name for m in t]
    except Exception: names = []
    open('%d.txt' % n, 'w').write('\\n'.join(names))
`,
      );
      if (!made) return;
      for (const file of readdirSync(folder).filter((name) => name.endsWith(".tar"))) {
        const theirs = readFileSync(join(folder, file.replace(".tar", ".txt")), "utf8")
          .split("\n")
          .filter((name) => name !== "");
        let ours: string[] = [];
        try {
          ours = names(readTar(bytesSource(readFileSync(join(folder, file))))).map((name) => name.replace(/\/+$/, ""));
        } catch (error) {
          if (!isCastellanError(error)) throw error;
        }
        for (const name of theirs) expect(ours, file).toContain(name);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("never fails with anything but its own errors", () => {
    const seed = Buffer.concat([
      pax({ path: "long", size: "3", "GNU.sparse.major": "1", "GNU.sparse.realsize": "9" }),
      entry({ name: "a", data: "1\n0\n3\nabc" }),
      entry({ name: "s", type: "S" }),
      end,
    ]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(seed.length),
        (changes, cut) => {
          const bytes = Buffer.from(seed);
          for (const [at, value] of changes) bytes[at] = value;
          fixChecksums(bytes);
          const source = bytesSource(bytes.subarray(0, cut));
          try {
            for (const member of readTar(source).members) {
              const content = tarContent(source, member);
              if (typeof content === "function") for (const piece of content()) if (piece.length === 0) break;
            }
          } catch (error) {
            if (!isCastellanError(error)) throw error;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Most mutations would only break checksums otherwise. */
function fixChecksums(bytes: Buffer): void {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (bytes.toString("latin1", at + 257, at + 262) !== "ustar") continue;
    bytes.fill(" ", at + 148, at + 156);
    const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148);
  }
}

function python(cwd: string, program: string): boolean {
  try {
    execFileSync("python3", ["-c", program], { cwd, stdio: ["ignore", "ignore", "pipe"] });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    console.log("not compared with Python: python3 is not installed");
    return false;
  }
}
