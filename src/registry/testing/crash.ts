import { spawn } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { generateIdentity } from "../../seal/age/identity.ts";
import { generateKey, parsePrivateKey, signerOf, writePrivateKey } from "../../seal/keys.ts";
import { auditLog, type AuditReport } from "../../ledger/audit.ts";
import { vkeyOf } from "../../ledger/note.ts";
import { openRegistry } from "../registry.ts";
import { crashOptions } from "./crash-child.ts";
import { logOrigin } from "./home.ts";

/** A line of the child: what it was about, and how far it got. */
interface Said {
  readonly what: string;
  readonly ref: string;
  done: boolean;
}

/** What a series of kills showed. */
export interface CrashReport {
  readonly kills: number;
  /** Acknowledged operations of all rounds. */
  readonly acknowledged: number;
  /** Kills that fell into an operation. */
  readonly amidst: number;
  /** Everything that was wrong; empty when nothing acknowledged was lost and nothing half done was left. */
  readonly faults: readonly string[];
}

/** Makes the home that a crash test works on. */
export async function crashHome(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "castellan-crash-"));
  await writeFile(join(dir, "signer.pem"), await writePrivateKey(generateKey("ecdsa-p256").privateKey), {
    mode: 0o600,
  });
  await writeFile(join(dir, "log.pem"), await writePrivateKey(generateKey("ed25519").privateKey), { mode: 0o600 });
  await writeFile(join(dir, "store-key.json"), JSON.stringify(generateIdentity()), { mode: 0o600 });
  return dir;
}

/**
 * Lets a child work on the home and kills it with SIGKILL at random moments, `kills` times. After each kill the home is opened as the
 * next process would, and what the child was told is compared with what is there; a complete audit follows every `auditEvery` kills
 * and at the end.
 */
export async function crashAndCheck(
  dir: string,
  kills: number,
  auditEvery: number,
  random: () => number,
): Promise<CrashReport> {
  const faults: string[] = [];
  let [acknowledged, amidst] = [0, 0];
  for (let round = 1; round <= kills; round++) {
    const said = await runAndKill(dir, round, random);
    const open = said.filter(({ done }) => !done);
    acknowledged += said.length - open.length;
    amidst += open.length;
    const options = await crashOptions(dir);
    try {
      const registry = await openRegistry(options);
      if ((await options.repository.pendingStatements()).length > 0)
        faults.push(`round ${round}: something stayed pending`);
      await compare(said, options, round, faults);
      if (round % auditEvery === 0 || round === kills) {
        const { problems } = await registry.verifyStored();
        for (const { where, message } of problems) faults.push(`round ${round}: ${where}: ${message}`);
        await registry.sweep(-60_000);
        const { orphans } = await registry.verifyStored();
        if (orphans.length > 0) faults.push(`round ${round}: ${orphans.length} blobs nothing refers to`);
      }
    } catch (error) {
      faults.push(`round ${round}: ${(error as Error).message}`);
    } finally {
      await options.repository.close();
    }
    if (faults.length > 0) break;
  }
  return { kills, acknowledged, amidst, faults };
}

/** What the child said until it was killed, between its first acknowledgement and a little later. */
async function runAndKill(dir: string, round: number, random: () => number): Promise<Said[]> {
  const script = join(import.meta.dirname, "crash-child.ts");
  const child = spawn(process.execPath, [script, dir, String(round)], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let errors = "";
  const closed = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once("close", (_code, signal) => resolve(signal)),
  );
  const begun = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes("begin")) resolve();
    });
  });
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  await Promise.race([begun, closed]);
  await Promise.race([sleep(random() * 700), closed]);
  child.kill("SIGKILL");
  if ((await closed) !== "SIGKILL")
    fail("INTERNAL", `the child of round ${round} ended by itself: ${errors.slice(-2000)}`);
  const said: Said[] = [];
  // A last line that was cut off says nothing.
  for (const line of out.split("\n").slice(0, -1)) {
    const [stage, what, ref] = line.split(" ") as [string, string, string];
    if (stage === "begin") said.push({ what, ref, done: false });
    else said.at(-1)!.done = true;
  }
  return said;
}

/** Every acknowledged operation must be there; the one the kill fell into may be, but then wholly. */
async function compare(
  said: readonly Said[],
  { repository, blobs, readLog }: Awaited<ReturnType<typeof crashOptions>>,
  round: number,
  faults: string[],
): Promise<void> {
  const versions = await repository.versions("default");
  const history = await repository.aliasHistory("default", "m");
  const settings = (action: string, digest: string) =>
    history.filter((row) => row.action === action && row.digest === digest);
  const stateOf = (digest: string) => versions.find((row) => row.digest === digest)?.state;
  const size = (await readLog()).size;
  for (const { what, ref, done } of said) {
    const outcomes: { readonly [what: string]: () => boolean } = {
      register: () => versions.some(({ facts }) => facts["ref"] === ref),
      promote: () => settings("promote", ref).length === 1,
      rollback: () => settings("rollback", ref).length === 1,
      revoke: () => stateOf(ref) === "revoked",
      erase: () => stateOf(ref) === "erased",
    };
    const there = outcomes[what]?.() ?? false;
    if (done && !there) faults.push(`round ${round}: ${what} ${ref} was acknowledged and is lost`);
    if (what === "erase" && there)
      for (const { header, blobKey } of await repository.objects("default", ref as Digest))
        if (header || (await blobs.has(blobKey))) faults.push(`round ${round}: ${ref} is half erased`);
  }
  for await (const { state, logIndex, digest } of repository.statements())
    if (state !== "logged" || logIndex === undefined || logIndex >= size)
      faults.push(`round ${round}: ${digest} is not on the log`);
}

/** Audits the log of a crash home alone: entries, tiles and checkpoint. @returns what is wrong with it, and its size */
export async function auditCrashLog(dir: string): Promise<AuditReport> {
  const signer = signerOf(await parsePrivateKey(await readFile(join(dir, "log.pem"))));
  return auditLog(join(dir, "log"), vkeyOf(logOrigin, signer.publicKey));
}
