import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { toHex } from "../../kit/bytes.ts";
import { parseCheckpoint } from "../checkpoint.ts";
import { openNote, parseNote, parseVkey } from "../note.ts";
import { type MemoryLog, memoryLog } from "../testing/memory-log.ts";
import { collectCosignatures, type WitnessAddress } from "./client.ts";

const program = fileURLToPath(new URL("../../../bin/castellan", import.meta.url));
const rounds = 60;

/** Starts the real witness process on its folder. */
async function start(dir: string, vkey: string, fresh: boolean): Promise<WitnessAddress & { kill(): Promise<void> }> {
  const args = ["ledger", "witness", "--listen", "127.0.0.1:0", "--state", join(dir, "state"), "--json"];
  const key = ["--key", join(dir, "key.pem"), ...(fresh ? ["--new-key"] : []), "--log", vkey];
  const child = spawn(process.execPath, [program, ...args, ...key], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const ready = JSON.parse(line) as { witness: string; vkey: string };
  return {
    url: ready.witness,
    vkey: ready.vkey,
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

test("a witness killed at random moments never cosigns two roots of one size, and always goes on", async () => {
  const dir = await mkdtemp(join(tmpdir(), "castellan-witness-crash-"));
  const log = memoryLog().append("genesis");
  /** Root by size, for everything a witness ever handed out. */
  const vouched = new Map<number, string>();
  let history: MemoryLog = log;
  try {
    for (let round = 0; round < rounds; round++) {
      const witness = await start(dir, log.vkey, round === 0);
      const key = parseVkey(witness.vkey);
      // Two histories grow from the one vouched for last; both ask at once while the witness dies.
      const size = history.entries.length;
      const forks = [0, 1].map((i) => history.fork(size).append(`${round}/${i}`));
      const answers = forks.map(async (fork) =>
        collectCosignatures({
          checkpoint: await fork.checkpoint(),
          witnesses: [witness],
          n: 1,
          log: fork,
          timeoutMs: 3000,
        }),
      );
      const settled = Promise.allSettled(answers);
      if (round % 4 !== 3) await sleep(Math.random() * 40);
      else await settled;
      await witness.kill();
      for (const [i, answer] of (await settled).entries()) {
        if (answer.status === "rejected") continue;
        const { size: cosignedSize, root } = parseCheckpoint(parseNote(answer.value.checkpoint).text);
        expect(openNote(answer.value.checkpoint, [key]).verified).toHaveLength(1);
        expect(vouched.get(cosignedSize) ?? toHex(root)).toBe(toHex(root));
        vouched.set(cosignedSize, toHex(root));
        history = forks[i]!;
      }
      // The witness may have bound itself to a fork without telling: whichever it accepts now is the history.
      const again = await start(dir, log.vkey, false);
      const accepted: MemoryLog[] = [];
      for (const fork of history === forks[0] ? [forks[0], forks[1]!] : [forks[1]!, forks[0]!]) {
        const request = { checkpoint: await fork.checkpoint(), witnesses: [again], n: 1, log: fork };
        const outcome = await collectCosignatures(request).catch((error: { code?: string }) => error.code);
        if (typeof outcome === "object") accepted.push(fork);
        else expect(outcome).toBe("INTEGRITY");
      }
      expect(accepted).toHaveLength(1);
      history = accepted[0]!;
      const known = vouched.get(history.entries.length);
      if (known !== undefined) expect(toHex(history.root())).toBe(known);
      vouched.set(history.entries.length, toHex(history.root()));
      await again.kill();
    }
    expect(vouched.size).toBe(rounds);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
