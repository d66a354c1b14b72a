import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { auditLog } from "./audit.ts";
import { openNote, parseVkey, vkeyOf } from "./note.ts";
import { openLogReader } from "./reader.ts";
import { storeCosigned } from "./store-cosigned.ts";
import { freshSigner } from "./testing/signers.ts";
import { collectCosignatures, cosignWith, type WitnessAddress } from "./witness/client.ts";
import { serveWitness, type WitnessServer } from "./witness/server.ts";
import { openWitnessState } from "./witness/state.ts";
import { createWitness } from "./witness/witness.ts";
import { type LogWriter, openLogWriter } from "./writer.ts";

const clock = { now: () => Date.now() };
const origin = "example.com/log";
const signer = freshSigner();
const vkey = vkeyOf(origin, signer.publicKey);
let dir: string;
let witness: WitnessAddress;
let server: WitnessServer;
let state: { close(): void };

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "castellan-cosign-"));
  const opened = await openWitnessState(join(dir, "witness"), clock);
  state = opened;
  const logic = createWitness({ name: "w", signer: freshSigner(), logs: [vkey], state: opened.state, clock });
  server = await serveWitness(logic, { host: "127.0.0.1", port: 0 });
  witness = { url: server.url, vkey: logic.vkey };
});
afterEach(async () => {
  await server.close();
  state.close();
  await rm(dir, { recursive: true, force: true });
});

const log = (): string => join(dir, "log");
const checkpoint = (): Promise<string> => readFile(join(log(), "checkpoint"), "utf8");
const writer = (options = {}): Promise<LogWriter> => openLogWriter({ dir: log(), origin, signer, clock, ...options });

async function append(...entries: string[]): Promise<void> {
  const open = await writer();
  for (const entry of entries) await open.append(Buffer.from(entry));
  await open.close();
}

async function cosigned(): Promise<string> {
  const reader = openLogReader(log(), { vkey });
  const note = await reader.checkpointText();
  return (await collectCosignatures({ checkpoint: note, witnesses: [witness], n: 1, log: reader })).checkpoint;
}

describe("a witnessed checkpoint", () => {
  test("becomes the log's checkpoint file, and the log goes on from it", async () => {
    await append("a", "b");
    expect(await storeCosigned(log(), vkey, await cosigned(), clock)).toBe(true);
    expect(openNote(await checkpoint(), [parseVkey(witness.vkey)]).verified).toHaveLength(1);
    expect((await auditLog(log(), vkey)).ok).toBe(true);
    await append("c");
    expect(openLogReader(log(), { vkey }).size).toBe(3);
    expect(await storeCosigned(log(), vkey, await cosigned(), clock)).toBe(true);
  });

  test("never replaces a newer one", async () => {
    await append("a");
    const old = await cosigned();
    await append("b");
    const newer = await checkpoint();
    expect(await storeCosigned(log(), vkey, old, clock)).toBe(false);
    expect(await checkpoint()).toBe(newer);
  });

  test("of another log is refused", async () => {
    await append("a");
    const note = await cosigned();
    const stranger = vkeyOf(origin, freshSigner().publicKey);
    await expect(storeCosigned(log(), stranger, note, clock)).rejects.toMatchObject({ code: "SIGNATURE" });
  });

  test("comes with every publish of a writer that has witnesses", async () => {
    const open = await writer({ cosign: cosignWith({ witnesses: [witness], n: 1 }) });
    try {
      for (const entry of ["a", "b", "c"]) {
        await open.append(Buffer.from(entry));
        const note = await open.publish();
        expect(openNote(note, [parseVkey(witness.vkey)]).verified).toHaveLength(1);
        expect(await checkpoint()).toBe(note);
      }
    } finally {
      await open.close();
    }
  });

  test("is still the log's own when the witness is away, and the writer says so", async () => {
    await server.close();
    const open = await writer({ cosign: cosignWith({ witnesses: [witness], n: 1, timeoutMs: 500 }) });
    try {
      await open.append(Buffer.from("a"));
      await expect(open.publish()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    } finally {
      await open.close();
    }
    expect(openLogReader(log(), { vkey }).size).toBe(1);
  });
});
