import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { vkeyOf } from "../../ledger/note.ts";
import { freshSigner } from "../../ledger/testing/signers.ts";
import { openLogWriter } from "../../ledger/writer.ts";

const program = fileURLToPath(new URL("../../../bin/castellan", import.meta.url));
const origin = "example.com/log";
const signer = freshSigner();
const vkey = vkeyOf(origin, signer.publicKey);
const processes: ChildProcess[] = [];
/** Process ids whose parent may be gone. */
const orphans: number[] = [];
let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "castellan-cli-"));
});
afterEach(async () => {
  for (const child of processes.splice(0)) child.kill("SIGKILL");
  for (const pid of orphans.splice(0)) if (isAlive(pid)) process.kill(pid, "SIGKILL");
  await rm(cwd, { recursive: true, force: true });
});

/** Runs the program to its end. */
async function castellan(...args: string[]): Promise<{ code: number | null; json: Record<string, unknown> }> {
  const child = spawn(process.execPath, [program, ...args, "--json"], { cwd, stdio: ["ignore", "pipe", "ignore"] });
  processes.push(child);
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, json: JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown> };
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly key: string;
}

/** Starts a witness and waits for its ready line. */
async function startWitness(name: string, ...more: string[]): Promise<Running> {
  const args = [
    "ledger",
    "witness",
    "--listen",
    "127.0.0.1:0",
    "--state",
    name,
    "--key",
    `${name}.pem`,
    "--name",
    name,
  ];
  const child = spawn(process.execPath, [program, ...args, "--log", vkey, "--json", ...more], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  processes.push(child);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const ready = JSON.parse(line) as { witness: string; vkey: string };
  return { child, url: ready.witness, key: ready.vkey };
}

async function grow(dir: string, ...entries: string[]): Promise<void> {
  const writer = await openLogWriter({ dir: join(cwd, dir), origin, signer, clock: { now: () => Date.now() } });
  for (const entry of entries) await writer.append(Buffer.from(entry));
  await writer.close();
}

describe("witnesses as processes of their own", () => {
  test("cosign a growing log, survive kill -9, and refuse its fork and its roll-back", async () => {
    const [a, b] = [await startWitness("w1", "--new-key"), await startWitness("w2", "--new-key")];
    expect((await stat(join(cwd, "w1.pem"))).mode & 0o777).toBe(0o600);
    const log = ["--log", "log", "--vkey", vkey];
    const both = ["--witness", `${a.url}=${a.key}`, "--witness", `${b.url}=${b.key}`];
    await grow("log", "one", "two");
    await grow("fork", "one", "other", "third");
    await grow("short", "one");
    expect((await castellan("ledger", "cosign", ...log, ...both)).code).toBe(0);

    a.child.kill("SIGKILL");
    await once(a.child, "exit");
    await grow("log", "three");
    const without = await castellan("ledger", "cosign", ...log, ...both, "--quorum", "1");
    expect(without).toMatchObject({ code: 0, json: { cosignedBy: ["w2"] } });
    expect((await castellan("ledger", "cosign", ...log, ...both)).code).toBe(3);

    const again = await startWitness("w1");
    expect(again.key).toBe(a.key);
    const now = ["--witness", `${again.url}=${a.key}`, "--witness", `${b.url}=${b.key}`];
    const whole = await castellan("ledger", "cosign", ...log, ...now);
    expect(whole.code).toBe(0);
    expect(new Set(whole.json["cosignedBy"] as string[])).toEqual(new Set(["w1", "w2"]));
    expect((await castellan("ledger", "verify", ...log, "--witness", a.key, b.key)).code).toBe(0);

    for (const bad of ["fork", "short"]) {
      const refused = await castellan("ledger", "cosign", "--log", bad, "--vkey", vkey, ...now, "--quorum", "1");
      expect(refused).toMatchObject({ code: 1, json: { error: { code: "INTEGRITY" } } });
    }
  });

  test("stop cleanly on SIGTERM", async () => {
    const { child } = await startWitness("w1", "--new-key");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test("end when the process that launched them dies", async () => {
    const args = `ledger witness --listen 127.0.0.1:0 --state w1 --key w1.pem --new-key --log ${vkey} --json`;
    const script = `CASTELLAN_LAUNCHER_PID=$$ '${process.execPath}' '${program}' ${args} & echo $!; wait`;
    const shell = spawn("sh", ["-c", script], { cwd, stdio: ["ignore", "pipe", "inherit"] });
    processes.push(shell);
    const lines = createInterface(shell.stdout)[Symbol.asyncIterator]();
    const pid = Number((await lines.next()).value);
    orphans.push(pid);
    await lines.next();
    shell.kill("SIGKILL");
    const deadline = Date.now() + 10_000;
    while (isAlive(pid) && Date.now() < deadline) await sleep(50);
    expect(isAlive(pid)).toBe(false);
  });

  test("are not started on another's state, an existing key to be made, or a missing one", async () => {
    await startWitness("w1", "--new-key");
    const start = (...args: string[]) => castellan("ledger", "witness", "--log", vkey, ...args);
    const address = ["--listen", "127.0.0.1:0"];
    expect(await start(...address, "--state", "w1", "--key", "w1.pem")).toMatchObject({
      code: 3,
      json: { error: { code: "BUSY" } },
    });
    expect((await start(...address, "--state", "w2", "--key", "w1.pem", "--new-key")).code).toBe(2);
    expect((await start(...address, "--state", "w2", "--key", "none.pem")).code).toBe(2);
    expect((await start("--listen", "here", "--state", "w2", "--key", "w1.pem")).code).toBe(2);
    await writeFile(join(cwd, "junk.pem"), "junk");
    expect((await start(...address, "--state", "w2", "--key", "junk.pem")).code).toBe(2);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
