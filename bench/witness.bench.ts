// Witnessing and offline proofs: whole proof files checked (signatures included), cosignatures given with durable state.
//   node bench/witness.bench.ts [proofs, default 5000] [checkpoints, default 500] [folder, default the temporary one]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "../src/kit/bytes.ts";
import { appendSignatures, cosigner, cosignerVkeyOf, parseNote, signatureLine } from "../src/ledger/note.ts";
import { tlogProofVerifier, verifyTlogProof, writeTlogProof } from "../src/ledger/proof-file.ts";
import { memoryLog } from "../src/ledger/testing/memory-log.ts";
import { freshSigner } from "../src/ledger/testing/signers.ts";
import { collectCosignatures } from "../src/ledger/witness/client.ts";
import { serveWitness } from "../src/ledger/witness/server.ts";
import { openWitnessState } from "../src/ledger/witness/state.ts";
import { createWitness } from "../src/ledger/witness/witness.ts";

const proofs = Number(process.argv[2] ?? 5000);
const checkpoints = Number(process.argv[3] ?? 500);
const dir = mkdtempSync(join(process.argv[4] ?? tmpdir(), "castellan-bench-witness-"));
const clock = { now: () => Date.now() };

function row(name: string, figure: number, unit: string, aim: string): void {
  const text = figure >= 100 ? Math.round(figure).toLocaleString("en") : figure.toFixed(2);
  console.log(`| ${name} | ${text} | ${unit} | ${aim} |`);
}

const perSecond = (count: number, since: number): number => count / ((performance.now() - since) / 1000);

/** Times `work` can be done per second of processor time: other load on the machine does not count. */
function perCpuSecond(count: number, work: (i: number) => void): number {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) work(i);
  const { user, system } = process.cpuUsage(before);
  return count / ((user + system) / 1e6);
}

try {
  console.log("| what | figure | unit | aim |\n|---|---|---|---|");
  const log = memoryLog().append(...Array.from({ length: 256 }, (_, i) => `entry ${i}`));
  const index = 77;
  let checkpoint = await log.checkpoint();
  const proof = await log.inclusionProof(index, 256);
  const witnesses: string[] = [];
  for (const count of [0, 3]) {
    while (witnesses.length < count) {
      const name = `w${witnesses.length}`;
      const signer = freshSigner();
      const me = cosigner(name, signer, clock);
      const line = signatureLine(name, me.keyId, await me.sign(utf8(parseNote(checkpoint).text)));
      checkpoint = appendSignatures(checkpoint, [line]);
      witnesses.push(cosignerVkeyOf(name, signer.publicKey));
    }
    const text = writeTlogProof({ index, proof, checkpoint });
    const trust = { logKey: log.vkey, witnesses: [...witnesses] };
    const rate = perCpuSecond(proofs, () => verifyTlogProof(text, log.entries[index]!, trust));
    row(`proof files checked one by one, signatures each: ${count + 1}`, rate, "/CPU-s", "");
  }

  const check = tlogProofVerifier({ logKey: log.vkey, witnesses });
  const files = await Promise.all(
    log.entries.map(async (_, i) => writeTlogProof({ index: i, proof: await log.inclusionProof(i, 256), checkpoint })),
  );
  const together = perCpuSecond(proofs, (i) => check(files[i % 256]!, log.entries[i % 256]!));
  row("proof files of one checkpoint checked together", together, "/CPU-s", "≥ 20,000");

  const held = await openWitnessState(dir, clock);
  const growing = memoryLog("example.com/growing").append("0");
  const witness = createWitness({ name: "w", signer: freshSigner(), logs: [growing.vkey], state: held.state, clock });
  const server = await serveWitness(witness, { host: "127.0.0.1", port: 0 });
  const address = { url: server.url, vkey: witness.vkey };
  const began = performance.now();
  for (let i = 0; i < checkpoints; i++) {
    growing.append(`${i}`);
    await collectCosignatures({ checkpoint: await growing.checkpoint(), witnesses: [address], n: 1, log: growing });
  }
  row("cosignatures, one caller, HTTP, fsync", perSecond(checkpoints, began), "/s", "");
  await server.close();
  held.close();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
