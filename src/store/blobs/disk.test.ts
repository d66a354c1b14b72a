import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diskBlobs } from "./disk.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "castellan-disk-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function* of(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

async function files(): Promise<readonly string[]> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const driver = fileURLToPath(new URL("disk.ts", import.meta.url));
/** A program that uses the driver in a process of its own. */
const program = (body: string) => `import { diskBlobs } from ${JSON.stringify(driver)};\n${body}`;

describe("blobs on disk", () => {
  it("are readable by their owner only", async () => {
    await diskBlobs(dir).write("a", of(Buffer.from("x")));
    const [path] = await files();
    if (process.platform !== "win32") expect((await stat(path!)).mode & 0o777).toBe(0o600);
  });

  it("are whole when several writers race for one key", async () => {
    const blobs = diskBlobs(dir);
    const contents = [1, 2, 3, 4].map((n) => Buffer.alloc(300_000, n));
    await Promise.all(contents.map((bytes) => blobs.write("same", of(bytes.subarray(0, 100), bytes.subarray(100)))));
    const back = await collect(blobs.read("same"));
    expect(contents.some((bytes) => bytes.equals(back))).toBe(true);
    expect((await files()).length).toBe(1);
  });

  it("ignores what it did not write and removes what crashed writers left long ago", async () => {
    await mkdir(join(dir, "tmp"));
    await mkdir(join(dir, "ab"));
    const old = join(dir, "tmp", "1-old");
    const fresh = join(dir, "tmp", "1-fresh");
    for (const path of [
      old,
      fresh,
      join(dir, "ab", "notes.txt"),
      join(dir, "ab", "key.misplaced.blob"),
      join(dir, "x"),
    ])
      await writeFile(path, "leftover");
    await utimes(old, 1, 1);
    const blobs = diskBlobs(dir);
    await blobs.write("mine", of(Buffer.from("x")));
    const keys: string[] = [];
    for await (const key of blobs.list()) keys.push(key);
    expect(keys).toEqual(["mine"]);
    expect(await readdir(join(dir, "tmp"))).toEqual(["1-fresh"]);
  });

  it("notices a file that shrinks while it is read", async () => {
    const blobs = diskBlobs(dir);
    await blobs.write("a", of(Buffer.alloc(1_000_000)));
    const [path] = await files();
    const reading = (async () => {
      for await (const _ of blobs.read("a")) await truncate(path!, 300_000);
    })();
    await expect(reading).rejects.toMatchObject({ code: "INTEGRITY" });
  });

  it("says IO when a folder is in the way of a blob", async () => {
    const blobs = diskBlobs(dir);
    await blobs.write("a", of(Buffer.from("x")));
    const [path] = await files();
    await rm(path!);
    await mkdir(path!);
    expect(await blobs.has("a")).toBe(false);
    await expect(blobs.write("a", of(Buffer.from("x")))).rejects.toMatchObject({ code: "IO" });
    expect(await readdir(join(dir, "tmp"))).toEqual([]);
  });

  it("shows nothing of a blob whose writer was killed", async () => {
    const writer = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        program(`
          const endless = async function* () { for (let n = 0; ; n++) { if (n === 40) console.log("writing"); yield Buffer.alloc(65536); await new Promise(setImmediate); } };
          await diskBlobs(process.argv[1]).write("half", endless());`),
        dir,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(writer.stdout, "data");
    writer.kill("SIGKILL");
    await once(writer, "exit");
    const blobs = diskBlobs(dir);
    expect(await blobs.has("half")).toBe(false);
    for await (const key of blobs.list()) expect.unreachable(key);
    expect(await blobs.write("half", of(Buffer.from("whole")))).toBe(5);
    expect((await collect(blobs.read("half"))).toString()).toBe("whole");
  });

  it("says STORAGE_FULL when the disk is full, leaves nothing behind and keeps what was there", () => {
    const namespaces = process.getuid?.() === 0 ? ["-m"] : ["-U", "-r", "-m"];
    const mount = 'mount -t tmpfs -o size=2m castellan "$1" && exec "$2" --input-type=module -e "$3" "$1"';
    const probe = spawnSync("unshare", [...namespaces, "sh", "-c", 'mount -t tmpfs castellan "$1"', "sh", dir]);
    if (probe.status !== 0) {
      console.log("not run: no small file system can be mounted here");
      return;
    }
    const script = program(`
      const blobs = diskBlobs(process.argv[1]);
      const bytes = async function* (count) { for (let n = 0; n < count; n++) yield Buffer.alloc(65536, 1); };
      await blobs.write("kept", bytes(4));
      let code; try { await blobs.write("huge", bytes(100)); } catch (error) { code = error.code; }
      const { readdir } = await import("node:fs/promises");
      let kept = 0; for await (const piece of blobs.read("kept")) kept += piece.length;
      const after = await blobs.write("small", bytes(8));
      const keys = []; for await (const key of blobs.list()) keys.push(key);
      console.log(JSON.stringify({ code, has: await blobs.has("huge"), left: await readdir(process.argv[1] + "/tmp"), kept, after, keys: keys.sort() }));`);
    const run = spawnSync("unshare", [...namespaces, "sh", "-c", mount, "sh", dir, process.execPath, script], {
      encoding: "utf8",
    });
    expect(run.stderr).toBe("");
    expect(JSON.parse(run.stdout)).toEqual({
      code: "STORAGE_FULL",
      has: false,
      left: [],
      kept: 262_144,
      after: 524_288,
      keys: ["kept", "small"],
    });
  });
});
