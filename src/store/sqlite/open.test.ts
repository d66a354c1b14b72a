import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { utf8 } from "../../kit/bytes.ts";
import { all, digestOf, moment, objectRow, register } from "../contract/rows.ts";
import { codeOf } from "../contract/subject.ts";
import { storeMigrations } from "../migrations/list.ts";
import type { Migration } from "../migrations/migration.ts";
import type { Repository } from "../repository.ts";
import { backUpSqlite } from "./backup.ts";
import { translateSqliteError } from "./errors.ts";
import { openSqliteRepository, openSqliteWith, type SqliteOptions } from "./open.ts";

const format = storeMigrations.length;

/** Runs `work` in a temporary folder; `open` opens stores that are closed afterwards. */
async function inFolder(
  work: (
    folder: string,
    open: (changes?: Partial<SqliteOptions>, migrations?: readonly Migration[]) => Promise<Repository>,
  ) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "castellan-store-"));
  const opened: Repository[] = [];
  try {
    await work(folder, async (changes = {}, migrations = storeMigrations) => {
      const options = { path: join(folder, "store.db"), clock: Date, ...changes };
      const repository = await openSqliteWith(migrations, options);
      opened.push(repository);
      return repository;
    });
  } finally {
    for (const repository of opened) await repository.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const addMotto: Migration = {
  title: "a column for tests",
  async up(db, { text }) {
    await db.schema.alterTable("tenants").addColumn("motto", sql.raw(text)).execute();
  },
};
const broken: Migration = {
  title: "fails half-way",
  async up(db, words) {
    await addMotto.up(db, words);
    await db.schema.alterTable("no_such_table").addColumn("x", "text").execute();
  },
};

test("a new store and its folder are private, and closing leaves one file", () =>
  inFolder(async (folder, open) => {
    const path = join(folder, "deep", "home", "store.db");
    const repository = await open({ path });
    const modeOf = (name: string) => statSync(name).mode & 0o777;
    expect(modeOf(path)).toBe(0o600);
    expect(modeOf(`${path}-wal`)).toBe(0o600);
    expect(modeOf(join(folder, "deep"))).toBe(0o700);
    expect(await repository.fact("store-format")).toBe(String(format));
    expect(await repository.fact(`store-format-${format}-since`)).toMatch(/^\d{4}-.*Z$/);
    await repository.close();
    expect(readdirSync(join(folder, "deep", "home"))).toEqual(["store.db"]);
  }));

test("reading only creates neither store nor folder, and an empty file is no store", () =>
  inFolder(async (folder, open) => {
    const path = join(folder, "nothing", "store.db");
    expect(await codeOf(open({ path, readOnly: true }))).toBe("NOT_FOUND");
    expect(existsSync(join(folder, "nothing"))).toBe(false);
    writeFileSync(join(folder, "empty.db"), "");
    expect(await codeOf(open({ path: join(folder, "empty.db"), readOnly: true }))).toBe("CONFIG");
    expect(statSync(join(folder, "empty.db")).size).toBe(0);
  }));

test("reading only works while another process writes, and adds no file", () =>
  inFolder(async (folder, open) => {
    const writer = await open();
    const before = readdirSync(folder);
    const reader = await open({ readOnly: true });
    await writer.transaction(async (tx) => {
      await tx.addTenant("acme", moment);
      expect(await reader.tenants()).toEqual([]);
    });
    expect(await reader.tenants()).toEqual(["acme"]);
    expect(readdirSync(folder)).toEqual(before);
  }));

test("reading only leaves the folder of an idle store as it was", () =>
  inFolder(async (folder, open) => {
    await (await open()).close();
    const bytes = readFileSync(join(folder, "store.db"));
    const [one, other] = [await open({ readOnly: true }), await open({ readOnly: true })];
    expect(await one.tenants()).toEqual([]);
    await one.close();
    expect(await other.tenants()).toEqual([]);
    await other.close();
    // `other` found the side files of `one` and leaves them; the next reader or writer that ends alone clears up.
    await (await open()).close();
    await (await open({ readOnly: true })).close();
    expect(readdirSync(folder)).toEqual(["store.db"]);
    expect(Buffer.compare(readFileSync(join(folder, "store.db")), bytes)).toBe(0);
  }));

test("a store in a folder nobody may write to can be read, and stays as it is", () =>
  inFolder(async (folder, open) => {
    const media = join(folder, "media");
    const path = join(media, "store.db");
    await (await open({ path })).close();
    chmodSync(path, 0o444);
    chmodSync(media, 0o555);
    chmodSync(folder, 0o755);
    const script = `
      import { openSqliteRepository } from ${JSON.stringify(join(import.meta.dirname, "open.ts"))};
      const repository = await openSqliteRepository({ path: ${JSON.stringify(path)}, clock: Date, readOnly: true });
      console.log("format", await repository.fact("store-format"), "revision", await repository.revision());
      await repository.close();`;
    // Permissions do not stop root, so root reads as somebody else.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const child = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
      ...nobody,
      encoding: "utf8",
    });
    chmodSync(media, 0o755);
    expect(child.stderr).toBe("");
    expect(child.stdout).toMatch(/^format \d+ revision \d+$/m);
    expect(readdirSync(media)).toEqual(["store.db"]);
  }));

test("an older store is copied before it is migrated, and everything in it stays", () =>
  inFolder(async (folder, open) => {
    const old = await open();
    await old.addTenant("acme", moment);
    await register(old, "v1", { tenant: "acme" });
    await old.close();
    expect(await codeOf(open({ readOnly: true }, [...storeMigrations, addMotto]))).toBe("CONFIG");
    const migrated = await open({}, [...storeMigrations, addMotto]);
    expect(await migrated.fact("store-format")).toBe(String(format + 1));
    expect((await migrated.versions()).length).toBe(1);
    const backup = join(folder, `store.db.backup-v${format}`);
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    const restored = await open({ path: backup });
    expect((await restored.versions()).length).toBe(1);
    expect(await restored.fact("store-format")).toBe(String(format));
  }));

test("a migration that fails leaves the old store, and the next one backs up under a name of its own", () =>
  inFolder(async (folder, open) => {
    await (await open()).close();
    await expect(open({}, [...storeMigrations, broken])).rejects.toThrow();
    const again = await open();
    expect(await again.fact("store-format")).toBe(String(format));
    await again.addTenant("acme", moment);
    await again.close();
    await (await open({}, [...storeMigrations, addMotto])).close();
    const backups = readdirSync(folder).filter((name) => name.includes("backup"));
    expect(backups.sort()).toEqual([`store.db.backup-v${format}`, `store.db.backup-v${format}-2`]);
    expect(await (await open({ path: join(folder, backups[1]!) })).tenants()).toEqual(["acme"]);
  }));

test("a newer store is refused untouched, saying which version and what to do", () =>
  inFolder(async (folder, open) => {
    await (await open({}, [...storeMigrations, addMotto])).close();
    const path = join(folder, "store.db");
    const before = readFileSync(path);
    for (const readOnly of [false, true]) {
      await expect(openSqliteRepository({ path, clock: Date, readOnly })).rejects.toMatchObject({
        code: "CONFIG",
        message: expect.stringContaining(`format ${format + 1}`),
        next: expect.stringContaining("newer Castellan"),
      });
    }
    expect(Buffer.compare(readFileSync(path), before)).toBe(0);
  }));

test("a process that kept the old format open may read but not write after a migration", () =>
  inFolder(async (_folder, open) => {
    const old = await open();
    await open({}, [...storeMigrations, addMotto]);
    expect(await old.tenants()).toEqual([]);
    expect(await codeOf(old.addTenant("acme", moment))).toBe("CONFIG");
    expect(await old.tenants()).toEqual([]);
  }));

test("another program's database is refused untouched", () =>
  inFolder(async (folder, open) => {
    const path = join(folder, "store.db");
    const other = new DatabaseSync(path);
    other.exec("create table bookmarks (url text)");
    other.close();
    const before = readFileSync(path);
    expect(await codeOf(open())).toBe("CONFIG");
    expect(Buffer.compare(readFileSync(path), before)).toBe(0);
  }));

test("a file that is no database, or a damaged one, is INTEGRITY and says what to do", () =>
  inFolder(async (folder, open) => {
    const garbage = join(folder, "garbage.db");
    writeFileSync(garbage, Buffer.alloc(8192, 7));
    for (const readOnly of [false, true]) expect(await codeOf(open({ path: garbage, readOnly }))).toBe("INTEGRITY");

    const path = join(folder, "store.db");
    const store = await open();
    await store.addTenant("default", moment);
    await store.transaction(async (tx) => {
      for (let n = 0; n < 300; n++) await register(tx, `v${n}`);
    });
    await store.close();
    const bytes = readFileSync(path);
    for (const cut of [bytes.length >> 1, 4096, 100]) {
      writeFileSync(path, bytes.subarray(0, cut));
      expect(await codeOf(readEverything(open))).toBe("INTEGRITY");
    }
    const scratched = Buffer.from(bytes);
    for (let at = 4096; at < scratched.length; at += 4096) scratched.fill(0xff, at, at + 64);
    writeFileSync(path, scratched);
    await expect(readEverything(open)).rejects.toMatchObject({
      code: "INTEGRITY",
      next: expect.stringContaining("backup"),
    });
    writeFileSync(path, bytes);
    expect(await readEverything(open)).toBe(300);
  }));

async function readEverything(open: () => Promise<Repository>): Promise<number> {
  const repository = await open();
  try {
    await all(repository.statements());
    return (await repository.versions()).length;
  } finally {
    await repository.close();
  }
}

test("a value something else changed to nonsense is INTEGRITY", () =>
  inFolder(async (folder, open) => {
    const store = await open();
    await store.addTenant("default", moment);
    const { digest } = await register(store, "v1");
    const meddler = new DatabaseSync(join(folder, "store.db"));
    meddler.exec("update versions set facts = '[1'");
    meddler.close();
    expect(await codeOf(store.version("default", digest))).toBe("INTEGRITY");
  }));

test("a folder in the file's place, or a file in the folder's, is an error of ours", () =>
  inFolder(async (folder, open) => {
    mkdirSync(join(folder, "dir.db"));
    expect(await codeOf(open({ path: join(folder, "dir.db") }))).toBe("IO");
    writeFileSync(join(folder, "file"), "");
    expect(await codeOf(open({ path: join(folder, "file", "store.db") }))).toBe("IO");
  }));

test("a writer waits for another process's lock without stopping the program, then gives up as BUSY", () =>
  inFolder(async (folder, open) => {
    const hasty = await open({ lockTimeoutMs: 150 });
    const holder = new DatabaseSync(join(folder, "store.db"));
    holder.exec("begin immediate");
    let turns = 0;
    const ticking = setInterval(() => turns++, 5);
    expect(await codeOf(hasty.addTenant("acme", moment))).toBe("BUSY");
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(1);
    expect(await hasty.tenants()).toEqual([]);
    const patient = await open();
    const waiting = patient.addTenant("acme", moment);
    await sleep(50);
    holder.exec("rollback");
    await waiting;
    holder.close();
  }));

test("a full disk is STORAGE_FULL, leaves nothing half written, and the store works again when there is room", () =>
  inFolder(async (folder, open) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    if (
      process.getuid?.() !== 0 ||
      spawnSync("/bin/mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]).status !== 0
    ) {
      console.log("not run: a small disk needs root and mount");
      return;
    }
    try {
      const store = await open({ path: join(disk, "store.db") });
      await store.addTenant("default", moment);
      await register(store, "small");
      writeFileSync(join(disk, "ballast"), Buffer.alloc(1_000_000));
      const facts = { text: "x".repeat(3_000_000) };
      expect(await codeOf(register(store, "large", { facts }))).toBe("STORAGE_FULL");
      expect((await store.versions()).map((row) => row.digest)).toEqual([digestOf("small")]);
      rmSync(join(disk, "ballast"));
      await register(store, "next");
      expect((await store.versions()).length).toBe(2);
      await store.close();
    } finally {
      spawnSync("/bin/umount", [disk]);
    }
  }));

test("SQLite's own report of a full database is STORAGE_FULL", () => {
  const database = new DatabaseSync(":memory:");
  database.exec("create table t (b blob); pragma max_page_count = 3");
  let error: unknown;
  try {
    database.exec("insert into t values (zeroblob(100000))");
  } catch (caught) {
    error = caught;
  }
  expect(translateSqliteError(error, "testing", "memory")).toMatchObject({ code: "STORAGE_FULL" });
});

test("destroyed keys leave no bytes behind, neither in the store nor in its write-ahead log", () =>
  inFolder(async (folder, open) => {
    const store = await open();
    await store.addTenant("default", moment);
    const secret = "the wrapped key that must not survive";
    // Short ones within a page, long ones in pages of their own.
    const header = (n: number) => utf8(secret.repeat(n % 5 === 0 ? 300 : 3));
    await store.addObjects(Array.from({ length: 40 }, (_, n) => objectRow("v1", `f${n}`, { header: header(n) })));
    const holders = () => readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(secret));
    expect(holders()).not.toEqual([]);
    await store.destroyKeys("default", digestOf("v1"));
    expect(holders()).toEqual([]);
  }));

test("many openers of a new store all get the same one", () =>
  inFolder(async (_folder, open) => {
    const stores = await Promise.all(Array.from({ length: 12 }, () => open()));
    await Promise.all(stores.map((store, n) => store.addTenant(`t${n}`, moment)));
    expect((await stores[0]!.tenants()).length).toBe(12);
  }));

test("a backup holds what was committed, is private, and never replaces a file", () =>
  inFolder(async (folder, open) => {
    const store = await open();
    await store.addTenant("acme", moment);
    const to = join(folder, "backups", "one.db");
    await store.transaction(async (tx) => {
      await tx.addTenant("unfinished", moment);
      backUpSqlite(join(folder, "store.db"), to);
    });
    expect(statSync(to).mode & 0o777).toBe(0o600);
    expect(await (await open({ path: to })).tenants()).toEqual(["acme"]);
    expect(() => backUpSqlite(join(folder, "store.db"), to)).toThrow("exists");
    expect(() => backUpSqlite(join(folder, "none.db"), join(folder, "x.db"))).toThrow();
    expect(existsSync(join(folder, "x.db"))).toBe(false);
  }));

test("the revision is cheap to ask for and follows writers in other processes", () =>
  inFolder(async (folder, open) => {
    const watcher = await open({ readOnly: true }).catch(() => open());
    const before = await watcher.revision();
    const script = `
      import { openSqliteRepository } from ${JSON.stringify(join(import.meta.dirname, "open.ts"))};
      const repository = await openSqliteRepository({ path: ${JSON.stringify(join(folder, "store.db"))}, clock: Date });
      await repository.addTenant("acme", ${JSON.stringify(moment)});
      await repository.close();`;
    const child = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { encoding: "utf8" });
    expect(child.stderr).toBe("");
    expect(await watcher.revision()).not.toBe(before);
    expect(await watcher.tenants()).toEqual(["acme"]);
  }));
