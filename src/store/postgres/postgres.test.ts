import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CastellanError } from "../../kit/errors.ts";
import { repositoryContract } from "../contract.ts";
import { aliasRow, moment, register } from "../contract/rows.ts";
import { codeOf } from "../contract/subject.ts";
import { storeMigrations } from "../migrations/list.ts";
import type { Migration } from "../migrations/migration.ts";
import type { Repository } from "../repository.ts";
import { openPostgresRepository, openPostgresWith } from "./open.ts";
import { findPostgres, type TestServer } from "./test-server.ts";

let server: TestServer | undefined;

beforeAll(async () => {
  server = await findPostgres();
  if (server) return;
  if (process.env["CI"] === "true") throw new Error("not run: PostgreSQL absent");
  console.log("not run: PostgreSQL absent");
});
afterAll(() => server?.stop());

repositoryContract("PostgreSQL", async () => {
  if (!server) return undefined;
  const { url } = server;
  const schema = freshSchema();
  return {
    open: (options) => openPostgresRepository({ url, schema, ...options }),
    remove: () => query(url, `drop schema ${schema} cascade`),
  };
});

function freshSchema(): string {
  return `castellan_test_${randomBytes(6).toString("hex")}`;
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** Runs `work` with a schema name of its own, dropped afterwards. */
async function onSchema(work: (url: string, schema: string, keep: (r: Repository) => Repository) => Promise<void>) {
  if (!server) return;
  const { url } = server;
  const schema = freshSchema();
  const opened: Repository[] = [];
  const keep = (repository: Repository) => {
    opened.push(repository);
    return repository;
  };
  try {
    await work(url, schema, keep);
  } finally {
    for (const repository of opened) await repository.close();
    await query(url, `drop schema if exists ${schema} cascade`);
  }
}

const failure = (promise: Promise<unknown>): Promise<CastellanError> =>
  promise.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error as CastellanError,
  );

/** Makes the next `times` inserts of a tenant fail as a serialization failure does. A sequence survives the rollbacks. */
const failingInserts = (schema: string, state: string, times: number) => `
  create sequence ${schema}.tries;
  create function ${schema}.fail() returns trigger language plpgsql as $$ begin
    if nextval('${schema}.tries') <= ${times} then raise exception 'come again' using errcode = '${state}'; end if;
    return new;
  end $$;
  create trigger fail before insert on ${schema}.tenants for each row execute function ${schema}.fail()`;

test("a transaction runs again when PostgreSQL asks for it, also when its error was caught", () =>
  onSchema(async (url, schema, keep) => {
    const repository = keep(await openPostgresRepository({ url, schema }));
    await query(url, failingInserts(schema, "40001", 3));
    let runs = 0;
    await repository.transaction(async (tx) => {
      runs++;
      await tx.setFact("runs", String(runs));
      await tx.addTenant("acme", moment).catch(() => {
        throw new Error("something else");
      });
    });
    expect(runs).toBe(4);
    expect(await repository.fact("runs")).toBe("4");
    expect(await repository.tenants()).toEqual(["acme"]);
  }));

test("retries end: a transaction that never gets through fails as BUSY", () =>
  onSchema(async (url, schema, keep) => {
    const repository = keep(await openPostgresRepository({ url, schema }));
    await query(url, failingInserts(schema, "40P01", 1000));
    let runs = 0;
    const stubborn = repository.transaction(async (tx) => {
      runs++;
      await tx.addTenant("acme", moment);
    });
    expect(await codeOf(stubborn)).toBe("BUSY");
    expect(runs).toBe(10);
  }));

test("a full disk and damaged data on the server are told apart", () =>
  onSchema(async (url, schema, keep) => {
    const repository = keep(await openPostgresRepository({ url, schema }));
    await query(url, failingInserts(schema, "53100", 1));
    expect(await codeOf(repository.addTenant("acme", moment))).toBe("STORAGE_FULL");
    await query(
      url,
      `create or replace function ${schema}.fail() returns trigger language plpgsql as
      $$ begin raise exception 'bad page' using errcode = 'XX001'; end $$`,
    );
    expect(await codeOf(repository.addTenant("acme", moment))).toBe("INTEGRITY");
  }));

test("a writer waits for the lock only as long as it was told", () =>
  onSchema(async (url, schema, keep) => {
    const holder = keep(await openPostgresRepository({ url, schema }));
    const hasty = keep(await openPostgresRepository({ url, schema, lockTimeoutMs: 50 }));
    await holder.transaction(async (tx) => {
      await tx.tenants();
      expect(await codeOf(hasty.addTenant("acme", moment))).toBe("BUSY");
      expect(await hasty.tenants()).toEqual([]);
    });
    await hasty.addTenant("acme", moment);
  }));

test("a connection that is cut makes the call fail as UNAVAILABLE; the next one works", () =>
  onSchema(async (url, schema, keep) => {
    const repository = keep(await openPostgresRepository({ url, schema }));
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'castellan' and query like '%${schema}%' and pid <> pg_backend_pid()`;
    const interrupted = repository.transaction(async (tx) => {
      await tx.addTenant("acme", moment);
      await query(url, cut);
      await tx.addTenant("other", moment);
    });
    expect(await codeOf(interrupted)).toBe("UNAVAILABLE");
    expect(await repository.tenants()).toEqual([]);
  }));

test("an address where nobody listens is UNAVAILABLE, a wrong one CONFIG, and no password is repeated", async () => {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
  const nobody = await failure(openPostgresRepository({ url: `postgres://me:hunter2@127.0.0.1:${port}/x` }));
  expect(nobody.code).toBe("UNAVAILABLE");
  expect(JSON.stringify([nobody.message, nobody.where, nobody.next])).not.toContain("hunter2");
  for (const url of ["mysql://me:hunter2@127.0.0.1/x", "hunter2", "postgres://me:hunter2@127.0.0.1:99999999/x"]) {
    const wrong = await failure(openPostgresRepository({ url }));
    expect(wrong.code).toBe("CONFIG");
    expect(JSON.stringify([wrong.message, wrong.where, wrong.next])).not.toContain("hunter2");
  }
  expect((await failure(openPostgresRepository({ url: "postgres://127.0.0.1/x", schema: 'a"b' }))).code).toBe("CONFIG");
});

test("a database that does not exist is CONFIG", async () => {
  if (!server) return;
  const url = server.url.replace(/\/[^/]*$/, "/castellan_no_such_database");
  expect(await codeOf(openPostgresRepository({ url }))).toBe("CONFIG");
});

test("a schema with other tables is not taken over, an empty one is used, a missing one not made for reading", () =>
  onSchema(async (url, schema, keep) => {
    expect(await codeOf(openPostgresRepository({ url, schema, readOnly: true }))).toBe("CONFIG");
    await query(url, `create schema ${schema}; create table ${schema}.facts (key text, value text)`);
    expect(await codeOf(openPostgresRepository({ url, schema }))).toBe("CONFIG");
    await query(url, `drop table ${schema}.facts`);
    keep(await openPostgresRepository({ url, schema }));
  }));

const addColumn: Migration = {
  title: "a column for tests",
  async up(db, { text }) {
    await db.schema.alterTable("tenants").addColumn("motto", sql.raw(text)).execute();
  },
};
const broken: Migration = {
  title: "fails half-way",
  async up(db, words) {
    await addColumn.up(db, words);
    await db.schema.alterTable("no_such_table").addColumn("x", "text").execute();
  },
};

test("migrations run once though two open at the same time; a failing one leaves the old format", () =>
  onSchema(async (url, schema, keep) => {
    const open = (migrations: readonly Migration[]) => openPostgresWith(migrations, { url, schema });
    const both = await Promise.all([open(storeMigrations), open(storeMigrations)]);
    both.forEach(keep);
    await both[0].addTenant("acme", moment);
    await expect(open([...storeMigrations, broken])).rejects.toThrow();
    expect(await both[1].fact("store-format")).toBe(String(storeMigrations.length));
    const newer = keep(await open([...storeMigrations, addColumn]));
    expect(await newer.tenants()).toEqual(["acme"]);
    expect(await codeOf(open(storeMigrations))).toBe("CONFIG");
    // The ones still open with the old format may read but not write.
    expect(await codeOf(both[0].addTenant("late", moment))).toBe("CONFIG");
    await newer.addTenant("new", moment);
  }));

test("rows that something else damaged are INTEGRITY, not nonsense", () =>
  onSchema(async (url, schema, keep) => {
    const repository = keep(await openPostgresRepository({ url, schema }));
    await repository.addTenant("default", moment);
    const { digest } = await register(repository, "v1");
    await repository.setAlias(aliasRow("v1", 1));
    await query(url, `update ${schema}.versions set manifest = '{"files": 7}'`);
    await query(url, `update ${schema}.aliases set changed_at = 'soon'`);
    expect(await codeOf(repository.version("default", digest))).toBe("INTEGRITY");
    expect(await codeOf(repository.alias("default", "credit", "prod"))).toBe("INTEGRITY");
  }));
