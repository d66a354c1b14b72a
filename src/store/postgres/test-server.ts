import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { fail } from "../../kit/errors.ts";

/** A PostgreSQL server for tests. */
export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Whom to start programs as; nobody else when empty. */
interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * The server that runs on this machine, else one started for the tests from Debian's packages, else undefined.
 * The caller stops it.
 */
export async function findPostgres(): Promise<TestServer | undefined> {
  for (const user of ["postgres", "root"]) {
    const url = `postgres://${user}@127.0.0.1:5432/test`;
    if (await answers(url)) return { url, stop: async () => undefined };
  }
  return startPostgres();
}

/**
 * Starts a server of its own in a temporary folder, never as root: root hands it to the user "postgres".
 * @returns undefined when the programs are not installed, or root finds no such user
 */
export async function startPostgres(): Promise<TestServer | undefined> {
  const programs = newestPrograms();
  const identity: Identity | undefined = process.getuid?.() === 0 ? postgresUser() : {};
  if (!programs || !identity) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "castellan-postgres-"));
  if (identity.uid !== undefined && identity.gid !== undefined) chownSync(folder, identity.uid, identity.gid);
  const data = join(folder, "data");
  const options = { ...identity, cwd: folder, stdio: "ignore" } as const;
  const initialised = spawn(
    join(programs, "initdb"),
    ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync"],
    options,
  );
  if ((await exitOf(initialised)) !== 0) {
    rmSync(folder, { recursive: true, force: true });
    fail("UNAVAILABLE", "initdb failed");
  }
  const port = await freePort();
  const server = spawn(
    join(programs, "postgres"),
    ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"],
    options,
  );
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const stop = async () => {
    // SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes everything.
    if (server.exitCode === null && server.signalCode === null) {
      const ended = exitOf(server);
      server.kill("SIGINT");
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 150; attempt++) {
    if (await answers(url)) return { url, stop };
    if (server.exitCode !== null) break;
    await sleep(100);
  }
  await stop();
  return fail("UNAVAILABLE", "The PostgreSQL server for the tests did not start");
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function newestPrograms(): string | undefined {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).filter((version) => existsSync(join(root, version, "bin", "initdb")));
  const newest = versions.sort((one, other) => Number(other) - Number(one))[0];
  return newest && join(root, newest, "bin");
}

function postgresUser(): Identity | undefined {
  const line = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  return line ? { uid: Number(line[1]), gid: Number(line[2]) } : undefined;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
