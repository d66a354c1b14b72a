import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCheckpoint } from "../checkpoint.ts";
import { diskFiles } from "../files.ts";
import { openNote, parseVkey } from "../note.ts";
import { type MemoryLog, memoryLog } from "../testing/memory-log.ts";
import { freshSigner } from "../testing/signers.ts";
import { collectCosignatures, parseWitnessAddress, type WitnessAddress } from "./client.ts";
import { writeAddCheckpoint } from "./request.ts";
import { serveWitness } from "./server.ts";
import { witnessState } from "./state.ts";
import { createWitness } from "./witness.ts";

const clock = { now: () => Date.now() };
const cleanups: (() => Promise<unknown>)[] = [];
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "castellan-witness-"));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A witness on a real socket, following `log`. */
async function start(log: MemoryLog, name: string, signer = freshSigner()): Promise<WitnessAddress> {
  const state = witnessState(diskFiles(join(dir, name)));
  const witness = createWitness({ name, signer, logs: [log.vkey], state, clock });
  const server = await serveWitness(witness, { host: "127.0.0.1", port: 0 });
  cleanups.push(() => server.close());
  return { url: server.url, vkey: witness.vkey };
}

/** Something that answers as it is told. */
async function pretend(answer: (server: Server) => void, name = "liar"): Promise<WitnessAddress> {
  const server = createServer();
  answer(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const { vkey } = createWitness({
    name,
    signer: freshSigner(),
    logs: [memoryLog().vkey],
    state: witnessState(diskFiles(dir)),
    clock,
  });
  return { url: `http://127.0.0.1:${port}`, vkey };
}

async function post(url: string, body: string): Promise<{ status: number; type: string | null; text: string }> {
  const response = await fetch(`${url}/add-checkpoint`, { method: "POST", body });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

describe("the witness on HTTP", () => {
  test("answers with the status codes of the protocol", async () => {
    const log = memoryLog().append("a", "b", "c");
    const { url, vkey } = await start(log, "w.example");
    const body = async (from: MemoryLog, oldSize: number, proof: Uint8Array[] = []): Promise<string> =>
      writeAddCheckpoint({ oldSize, proof, checkpoint: await from.checkpoint() });

    expect(await post(url, await body(memoryLog("else.example"), 0))).toMatchObject({ status: 404 });
    expect(await post(url, await body(memoryLog(log.origin).append("a"), 0))).toMatchObject({ status: 403 });
    expect(await post(url, await body(log, 9))).toMatchObject({ status: 400 });
    expect(await post(url, "nonsense")).toMatchObject({ status: 400 });
    expect(await post(url, "")).toMatchObject({ status: 400 });

    const good = await post(url, await body(log, 0));
    expect(good.status).toBe(200);
    const { verified } = openNote((await log.checkpoint()) + good.text, [parseVkey(vkey)]);
    expect(Math.abs(verified[0]!.timestamp! - Date.now() / 1000)).toBeLessThan(60);

    const stale = await post(url, await body(log.append("d"), 0));
    expect(stale).toEqual({ status: 409, type: "text/x.tlog.size", text: "3\n" });
    expect(await post(url, await body(log, 3))).toMatchObject({ status: 422 });
    expect((await fetch(`${url}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${url}/elsewhere`, { method: "POST" })).status).toBe(404);
  });

  test("does not read bodies beyond its bound", async () => {
    const { url } = await start(memoryLog(), "w.example");
    expect(await post(url, "x".repeat(300_000))).toMatchObject({ status: 413 });
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const answer = await fetch(`${url}/add-checkpoint`, {
      method: "POST",
      body: endless,
      duplex: "half",
    }).then(
      ({ status }) => status,
      () => "cut off",
    );
    expect([413, "cut off"]).toContain(answer);
    expect(await post(url, "still there")).toMatchObject({ status: 400 });
  });

  test("outlives callers that go away in the middle", async () => {
    const { url } = await start(memoryLog(), "w.example");
    const { port } = new URL(url);
    for (const said of [
      "",
      "POST /add-",
      "POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nold 0",
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), "127.0.0.1", () => {
          socket.write(said, () => {
            socket.destroy();
            resolve();
          });
        });
      });
    }
    expect(await post(url, "still there")).toMatchObject({ status: 400 });
  });

  test("says so when its address is taken", async () => {
    const { url } = await start(memoryLog(), "w.example");
    const witness = createWitness({
      name: "x",
      signer: freshSigner(),
      logs: [memoryLog().vkey],
      state: witnessState(diskFiles(dir)),
      clock,
    });
    const port = Number(new URL(url).port);
    await expect(serveWitness(witness, { host: "127.0.0.1", port })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("a log that asks for cosignatures", () => {
  test("gets a checkpoint that both witnesses and the log signed, and again after it grew", async () => {
    const log = memoryLog().append("a", "b");
    const witnesses = [await start(log, "w1.example"), await start(log, "w2.example")];
    for (const entry of ["c", "d", "e"]) {
      log.append(entry);
      const checkpoint = await log.checkpoint();
      const { checkpoint: note, cosignedBy } = await collectCosignatures({ checkpoint, witnesses, n: 2, log });
      expect(cosignedBy.toSorted()).toEqual(["w1.example", "w2.example"]);
      expect(openCheckpoint(note, log.vkey).size).toBe(log.entries.length);
      expect(
        openNote(
          note,
          witnesses.map(({ vkey }) => parseVkey(vkey)),
        ).verified,
      ).toHaveLength(2);
    }
  });

  test("does with n of m when a witness is away or lies", async () => {
    const log = memoryLog().append("a", "b");
    const good = await start(log, "w1.example");
    const gone = { url: "http://127.0.0.1:9", vkey: (await pretend(() => {}, "gone")).vkey };
    const liar = await pretend((server) =>
      server.on("request", (_, response) => response.end("\u2014 liar AAAAAAA=\n")),
    );
    const silent = await pretend(() => {}, "silent");
    const checkpoint = await log.checkpoint();
    const witnesses = [gone, liar, silent, good];
    const ask = { checkpoint, log, witnesses, timeoutMs: 2000, graceMs: 50 };
    const { cosignedBy, refusals } = await collectCosignatures({ ...ask, n: 1 });
    expect(cosignedBy).toEqual(["w1.example"]);
    expect(refusals.map(({ witness }) => witness).toSorted()).toEqual(["gone", "liar", "silent"]);
    await expect(collectCosignatures({ ...ask, n: 2, timeoutMs: 300 })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  test("is not held up by answers without end", async () => {
    const log = memoryLog().append("a");
    const endless = await pretend((server) =>
      server.on("request", (_, response) => {
        const timer = setInterval(() => response.write("x".repeat(100_000)), 1);
        response.on("close", () => clearInterval(timer));
      }),
    );
    const request = { checkpoint: await log.checkpoint(), witnesses: [endless], n: 1, log };
    await expect(collectCosignatures(request)).rejects.toMatchObject({
      where: expect.stringContaining("bytes") as string,
    });
  });

  test("does not follow redirects", async () => {
    const log = memoryLog().append("a");
    const good = await start(log, "w1.example");
    const elsewhere = await pretend((server) =>
      server.on("request", (_, response) => {
        response.writeHead(307, { Location: `${good.url}/add-checkpoint` });
        response.end();
      }),
    );
    const request = { checkpoint: await log.checkpoint(), witnesses: [{ ...good, url: elsewhere.url }], n: 1, log };
    await expect(collectCosignatures(request)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  test("is refused when it shows a fork, and told that there are two histories", async () => {
    const log = memoryLog().append("a", "b", "c");
    const witnesses = [await start(log, "w1.example"), await start(log, "w2.example")];
    await collectCosignatures({ checkpoint: await log.checkpoint(), witnesses, n: 2, log });
    for (const fork of [
      log.fork(2).append("x"),
      log.fork(2).append("x", "y", "z"),
      log.fork(0).append("q", "r", "s", "t"),
    ])
      await expect(
        collectCosignatures({ checkpoint: await fork.checkpoint(), witnesses, n: 1, log: fork }),
      ).rejects.toMatchObject({ code: "INTEGRITY" });
  });

  test("is refused when it rolls back", async () => {
    const log = memoryLog().append("a", "b", "c");
    const witnesses = [await start(log, "w1.example")];
    await collectCosignatures({ checkpoint: await log.checkpoint(), witnesses, n: 1, log });
    const checkpoint = await log.checkpoint(2);
    await expect(collectCosignatures({ checkpoint, witnesses, n: 1, log })).rejects.toMatchObject({
      code: "INTEGRITY",
      where: expect.stringContaining("roll back") as string,
    });
  });

  test("and many others asking at once leave a witness with one history", async () => {
    const log = memoryLog().append(...Array.from({ length: 40 }, (_, i) => `${i}`));
    const witness = await start(log, "w1.example");
    const sizes = Array.from({ length: 12 }, (_, i) => 3 * i + 4);
    const answers = await Promise.allSettled(
      sizes.map(async (size) =>
        collectCosignatures({ checkpoint: await log.checkpoint(size), witnesses: [witness], n: 1, log }),
      ),
    );
    expect(answers.some(({ status }) => status === "fulfilled")).toBe(true);
    const last = await log.checkpoint();
    expect((await collectCosignatures({ checkpoint: last, witnesses: [witness], n: 1, log })).cosignedBy).toHaveLength(
      1,
    );
  });

  test("names witnesses as URL=VKEY", () => {
    const { vkey } = createWitness({
      name: "w.example/1",
      signer: freshSigner(),
      logs: [memoryLog().vkey],
      state: witnessState(diskFiles(dir)),
      clock,
    });
    expect(parseWitnessAddress(`http://127.0.0.1:80/w=${vkey}`)).toEqual({ url: "http://127.0.0.1:80/w", vkey });
    for (const bad of [vkey, `=${vkey}`, `ftp://x=${vkey}`, "http://x=", "http://x=junk", `http://x y=${vkey}`])
      expect(() => parseWitnessAddress(bad)).toThrow();
  });
});
