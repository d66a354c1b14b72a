import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toBase64 } from "../../kit/bytes.ts";
import { CastellanError } from "../../kit/errors.ts";
import { formatCheckpoint } from "../checkpoint.ts";
import { diskFiles, type LogFiles } from "../files.ts";
import { ed25519NoteSigner, openNote, parseVkey, signNote } from "../note.ts";
import { type MemoryLog, memoryLog } from "../testing/memory-log.ts";
import { freshSigner } from "../testing/signers.ts";
import { parseAddCheckpoint, writeAddCheckpoint } from "./request.ts";
import { openWitnessState, witnessState } from "./state.ts";
import { createWitness, type Witness, type WitnessAnswer } from "./witness.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "castellan-witness-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const signer = freshSigner();

function witnessOf(log: MemoryLog, files: LogFiles = diskFiles(dir), now = 1_800_000_000_000): Witness {
  return createWitness({
    name: "w.example",
    signer,
    logs: [log.vkey],
    state: witnessState(files),
    clock: { now: () => now },
  });
}

/** Asks for `log` at `size` from `oldSize`, with an honest proof as far as there is one. */
async function ask(witness: Witness, log: MemoryLog, oldSize: number, size = log.entries.length) {
  const proof = oldSize < size ? await log.consistencyProof(oldSize, size) : [];
  return witness.addCheckpoint({ oldSize, proof, checkpoint: await log.checkpoint(size) });
}

const kindOf = (answer: WitnessAnswer): string => answer.kind;

describe("a witness", () => {
  test("cosigns the first checkpoint it sees and every one that extends it", async () => {
    const log = memoryLog().append("a", "b", "c");
    const witness = witnessOf(log);
    const first = await ask(witness, log, 0);
    expect(first).toMatchObject({ kind: "cosigned" });
    const line = first.kind === "cosigned" ? first.line : "";
    const { verified } = openNote((await log.checkpoint()) + line, [parseVkey(witness.vkey)]);
    expect(verified).toMatchObject([{ name: "w.example", timestamp: 1_800_000_000 }]);
    log.append("d", "e", "f", "g");
    expect(kindOf(await ask(witness, log, 3, 5))).toBe("cosigned");
    expect(kindOf(await ask(witness, log, 5, 7))).toBe("cosigned");
  });

  test("cosigns the same checkpoint again when asked from its own size", async () => {
    const log = memoryLog().append("a", "b");
    const witness = witnessOf(log);
    await ask(witness, log, 0);
    expect(kindOf(await ask(witness, log, 2))).toBe("cosigned");
  });

  test("cosigns an empty log by its one possible root", async () => {
    const log = memoryLog();
    const witness = witnessOf(log);
    const note = [ed25519NoteSigner(log.origin, log.signer)];
    const odd = formatCheckpoint({ origin: log.origin, size: 0, root: new Uint8Array(32), extensions: [] });
    const refused = await witness.addCheckpoint({ oldSize: 0, proof: [], checkpoint: await signNote(odd, note) });
    expect(kindOf(refused)).toBe("bad-proof");
    expect(kindOf(await ask(witness, log, 0))).toBe("cosigned");
    expect(kindOf(await ask(witness, log.append("a"), 0))).toBe("cosigned");
  });

  test("tells its size to whoever starts from another one", async () => {
    const log = memoryLog().append("a", "b", "c");
    const witness = witnessOf(log);
    await ask(witness, log, 0, 2);
    expect(await ask(witness, log, 0)).toMatchObject({ kind: "conflict", size: 2 });
    expect(await ask(witness, log, 1)).toMatchObject({ kind: "conflict", size: 2 });
    expect(await ask(witness, log, 3)).toMatchObject({ kind: "conflict", size: 2 });
  });

  test("refuses a log that rolls back", async () => {
    const log = memoryLog().append("a", "b", "c", "d");
    const witness = witnessOf(log);
    await ask(witness, log, 0);
    expect(kindOf(await ask(witness, log, 4, 3))).toBe("malformed");
    expect(await ask(witness, log, 0, 3)).toMatchObject({ kind: "conflict", size: 4 });
  });

  test("refuses a second root of the same size, now and after a restart", async () => {
    const log = memoryLog().append("a", "b", "c");
    await ask(witnessOf(log), log, 0);
    const fork = log.fork(2).append("other");
    expect(await ask(witnessOf(log), fork, 3)).toMatchObject({ kind: "conflict", size: 3 });
  });

  test("refuses a fork that grew, whatever proof comes with it", async () => {
    const log = memoryLog().append("a", "b", "c");
    const witness = witnessOf(log);
    await ask(witness, log, 0);
    const fork = log.fork(2).append("other", "more");
    expect(kindOf(await ask(witness, fork, 3))).toBe("bad-proof");
    const checkpoint = await fork.checkpoint();
    const honest = log.append("d");
    const proof = await honest.consistencyProof(3, 4);
    expect(kindOf(await witness.addCheckpoint({ oldSize: 3, proof, checkpoint }))).toBe("bad-proof");
    expect(kindOf(await witness.addCheckpoint({ oldSize: 3, proof: [], checkpoint }))).toBe("bad-proof");
    expect(kindOf(await ask(witness, honest, 3))).toBe("cosigned");
  });

  test("wants an empty proof where nothing is to be proven", async () => {
    const log = memoryLog().append("a", "b");
    const witness = witnessOf(log);
    const checkpoint = await log.checkpoint();
    const proof = [new Uint8Array(32)];
    expect(kindOf(await witness.addCheckpoint({ oldSize: 0, proof, checkpoint }))).toBe("bad-proof");
    await ask(witness, log, 0);
    expect(kindOf(await witness.addCheckpoint({ oldSize: 2, proof, checkpoint }))).toBe("bad-proof");
  });

  test("knows only its logs and only by their keys", async () => {
    const log = memoryLog().append("a");
    const witness = witnessOf(log);
    expect(kindOf(await ask(witness, memoryLog("else.example").append("a"), 0))).toBe("unknown-log");
    expect(kindOf(await ask(witness, memoryLog(log.origin).append("a"), 0))).toBe("bad-signature");
    const forged = (await log.checkpoint()).replace(/\n1\n/, "\n2\n");
    const answer = await witness.addCheckpoint({ oldSize: 0, proof: [], checkpoint: forged });
    expect(kindOf(answer)).toBe("bad-signature");
    expect(kindOf(await witness.addCheckpoint({ oldSize: 0, proof: [], checkpoint: "x" }))).toBe("malformed");
    expect(await readdir(dir)).toEqual([]);
  });

  test("never states an earlier time than before, also when the clock was set back", async () => {
    const log = memoryLog().append("a");
    await ask(witnessOf(log), log, 0);
    const late = witnessOf(log, diskFiles(dir), 1_700_000_000_000);
    const answer = await ask(late, log, 1);
    const line = answer.kind === "cosigned" ? answer.line : "";
    const { verified } = openNote((await log.checkpoint()) + line, [parseVkey(late.vkey)]);
    expect(verified[0]?.timestamp).toBe(1_800_000_000);
  });

  test("asked for two histories at the same moment cosigns one of them", async () => {
    const log = memoryLog().append("a", "b");
    const witness = witnessOf(log);
    await ask(witness, log, 0);
    const forks = Array.from({ length: 20 }, (_, i) => log.fork(2).append(`fork ${i}`));
    const answers = await Promise.all(forks.map((fork) => ask(witness, fork, 2)));
    expect(answers.filter(({ kind }) => kind === "cosigned")).toHaveLength(1);
    expect(new Set(answers.map(kindOf))).toEqual(new Set(["cosigned", "conflict"]));
  });

  test("that follows nobody is not made", () => {
    const state = witnessState(diskFiles(dir));
    const make = (): Witness => createWitness({ name: "w", signer, logs: [], state, clock: { now: () => 0 } });
    expect(make).toThrow(expect.objectContaining({ code: "CONFIG" }) as Error);
  });
});

describe("a witness's state", () => {
  test("binds it although it crashed between storing and answering", async () => {
    const log = memoryLog().append("a", "b");
    const disk = diskFiles(dir);
    const dying: LogFiles = {
      ...disk,
      replace: async (files) => {
        await disk.replace(files);
        throw new Error("power cut");
      },
    };
    await expect(ask(witnessOf(log, dying), log, 0)).rejects.toThrow("power cut");
    const again = witnessOf(log);
    const fork = log.fork(1).append("other");
    expect(await ask(again, fork, 0)).toMatchObject({ kind: "conflict", size: 2 });
    expect(kindOf(await ask(again, fork, 2))).toBe("conflict");
    expect(kindOf(await ask(again, log, 2))).toBe("cosigned");
  });

  test("that could not be stored lets nothing be cosigned, and the next request works", async () => {
    const log = memoryLog().append("a", "b");
    const disk = diskFiles(dir);
    let full = true;
    const files: LogFiles = {
      ...disk,
      replace: (all) =>
        full ? Promise.reject(new CastellanError("STORAGE_FULL", "the disk is full")) : disk.replace(all),
    };
    const witness = witnessOf(log, files);
    await expect(ask(witness, log, 0)).rejects.toMatchObject({ code: "STORAGE_FULL" });
    full = false;
    expect(kindOf(await ask(witness, log, 0))).toBe("cosigned");
  });

  test("that was damaged stops the witness for that log", async () => {
    const log = memoryLog().append("a", "b");
    await ask(witnessOf(log), log, 0);
    const file = join(dir, (await readdir(dir)).find((name) => name.endsWith(".checkpoint"))!);
    const good = await readFile(file, "utf8");
    const stale = good.replace("\n2\n", "\n1\n");
    for (const bad of ["", "rubbish", good.slice(0, -20), stale]) {
      await writeFile(file, bad);
      await expect(ask(witnessOf(log), log, 2)).rejects.toMatchObject({ code: "INTEGRITY" });
    }
    await writeFile(file, good);
    expect(kindOf(await ask(witnessOf(log), log, 2))).toBe("cosigned");
  });

  test("of one log is not accepted as another's", async () => {
    const [a, b] = [memoryLog("a.example").append("x"), memoryLog("b.example").append("y", "z")];
    await ask(witnessOf(a), a, 0);
    const [file] = await readdir(dir).then((names) => names.filter((name) => name.endsWith(".checkpoint")));
    await ask(witnessOf(b), b, 0);
    const [other] = await readdir(dir).then((names) => names.filter((n) => n.endsWith(".checkpoint") && n !== file));
    await writeFile(join(dir, other!), await readFile(join(dir, file!)));
    await expect(ask(witnessOf(b), b, 2)).rejects.toMatchObject({ code: "INTEGRITY" });
  });

  test("cannot be used by two witnesses at once", async () => {
    const clock = { now: () => 0 };
    const first = await openWitnessState(dir, clock);
    await expect(openWitnessState(dir, clock)).rejects.toMatchObject({ code: "BUSY" });
    first.close();
    (await openWitnessState(dir, clock)).close();
  });
});

describe("requests to a witness", () => {
  test("have the published form and survive a round trip", () => {
    const proof = [new Uint8Array(32).fill(1)];
    const body = writeAddCheckpoint({ oldSize: 12, proof, checkpoint: "o\n13\n" });
    expect(body).toBe(`old 12\n${toBase64(proof[0]!)}\n\no\n13\n`);
    expect(parseAddCheckpoint(Buffer.from(body))).toMatchObject({ oldSize: 12, checkpoint: "o\n13\n" });
  });

  test("never crash the parser", () => {
    const hash = toBase64(new Uint8Array(32));
    const lines = fc
      .array(fc.oneof(fc.constantFrom("old 0", "old 01", "old 7", hash, ""), fc.string()))
      .map((all) => Buffer.from(all.join("\n")));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), lines), (bytes) => {
        try {
          parseAddCheckpoint(bytes);
        } catch (error) {
          return error instanceof CastellanError && error.code === "MALFORMED";
        }
        return true;
      }),
    );
  });
});
