import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CastellanError, type ExitCode } from "../../kit/errors.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { wrapMemberEntry } from "../../ledger/consortium.ts";
import {
  appendSignatures,
  cosigner,
  cosignerVkeyOf,
  ed25519NoteSigner,
  parseNote,
  signatureLine,
  vkeyOf,
} from "../../ledger/note.ts";
import { freshSigner } from "../../ledger/testing/signers.ts";
import { openLogWriter } from "../../ledger/writer.ts";
import type { Command, Invocation } from "../command.ts";
import exportCommand from "./ledger-export.ts";
import proofCommand from "./ledger-proof.ts";
import verifyCommand from "./ledger-verify.ts";

const clock = { now: () => Date.now() };
const signer = freshSigner();
const origin = "example.com/log";
const vkey = vkeyOf(origin, signer.publicKey);
let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "castellan-cli-"));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

async function writeLog(entries: readonly (string | Uint8Array)[], dir = "log"): Promise<string> {
  const writer = await openLogWriter({ dir: join(cwd, dir), origin, signer, clock });
  await Promise.all(entries.map((entry) => writer.append(Buffer.from(entry))));
  const note = await writer.publish();
  await writer.close();
  return note;
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `entry ${i}`);

/** Runs a command in this process as the command line would with --json. */
async function run(
  command: Command,
  args: readonly string[],
  options: Invocation["options"],
): Promise<{ code: ExitCode; document: { readonly [key: string]: Json | undefined }; lines: string }> {
  let document: Json = null;
  const lines: string[] = [];
  const call: Invocation = {
    args,
    options,
    json: true,
    quiet: true,
    colour: false,
    cwd,
    env: {},
    stdin: (async function* () {})(),
    print: (line) => lines.push(line),
    note: (line) => lines.push(line),
    emit: (said) => (document = said),
    progress: { step() {} },
    signal: new AbortController().signal,
  };
  const code = await command.run(call);
  return { code, document: document as unknown as { readonly [key: string]: Json }, lines: lines.join("\n") };
}

async function exitOf(work: Promise<{ code: ExitCode }>): Promise<number> {
  try {
    return (await work).code;
  } catch (error) {
    if (error instanceof CastellanError) return error.exitCode;
    throw error;
  }
}

/** The log's checkpoint, cosigned by a new witness; returns its vkey. */
async function cosign(name: string, time = Date.now()): Promise<string> {
  const path = join(cwd, "log", "checkpoint");
  const note = await readFile(path, "utf8");
  const witness = freshSigner();
  const me = cosigner(name, witness, { now: () => time });
  const line = signatureLine(name, me.keyId, await me.sign(Buffer.from(parseNote(note).text)));
  await writeFile(path, appendSignatures(note, [line]));
  return cosignerVkeyOf(name, witness.publicKey);
}

describe("ledger verify", () => {
  test("says what it audited when all is good", async () => {
    await writeLog(numbered(300));
    const { code, document } = await run(verifyCommand, [], { log: "log", vkey });
    expect(code).toBe(0);
    expect(document).toMatchObject({ ok: true, origin, size: 300, problems: [] });
  });

  test("takes the home's log and key when none is named", async () => {
    await writeLog(numbered(3), "home/log");
    await rm(join(cwd, "home", "keys"), { recursive: true, force: true });
    expect(await exitOf(run(verifyCommand, [], { home: "home" }))).toBe(2);
    const { mkdir } = await import("node:fs/promises");
    await mkdir(join(cwd, "home", "keys"));
    await writeFile(join(cwd, "home", "keys", "log.vkey"), `${vkey}\n`);
    expect(await exitOf(run(verifyCommand, [], { home: "home" }))).toBe(0);
  });

  test("tells bad logs from unusable arguments", async () => {
    await writeLog(numbered(300));
    const verify = (options: Invocation["options"]) => exitOf(run(verifyCommand, [], options));
    expect(await verify({ log: "nowhere", vkey })).toBe(2);
    expect(await verify({ log: "log" })).toBe(2);
    expect(await verify({ log: "log", vkey: "rubbish" })).toBe(2);
    expect(await verify({ log: "log", vkey, quorum: "1" })).toBe(2);
    expect(await verify({ log: "log", vkey, witness: [vkey] })).toBe(2);
    expect(await verify({ log: "log", vkey, members: "nowhere" })).toBe(2);
    expect(await verify({ log: "log", vkey: vkeyOf(origin, freshSigner().publicKey) })).toBe(1);
  });

  test.each([
    ["an entry", "tile/entries/000", 5],
    ["a tile", "tile/0/000", 700],
    ["a partial tile", "tile/1/000.p/1", 3],
    ["the root in the checkpoint", "checkpoint", 25],
    ["the size in the checkpoint", "checkpoint", 17],
  ])("finds a changed byte in %s", async (_, file, at) => {
    await writeLog(numbered(300));
    const path = join(cwd, "log", file);
    const bytes = await readFile(path);
    bytes[at]! ^= 1;
    await writeFile(path, bytes);
    const { code, document } = await run(verifyCommand, [], { log: "log", vkey });
    expect(code).toBe(1);
    expect(document["problems"]).not.toEqual([]);
  });

  test("finds a missing tile and a missing or cut checkpoint", async () => {
    await writeLog(numbered(300));
    const path = join(cwd, "log", "checkpoint");
    const note = await readFile(path, "utf8");
    for (const bad of [note.slice(0, -1), note.slice(0, 20), ""]) {
      await writeFile(path, bad);
      expect(await exitOf(run(verifyCommand, [], { log: "log", vkey }))).toBe(1);
    }
    await rm(path);
    expect(await exitOf(run(verifyCommand, [], { log: "log", vkey }))).toBe(1);
    await writeFile(path, note);
    await rm(join(cwd, "log", "tile", "entries", "000"));
    expect(await exitOf(run(verifyCommand, [], { log: "log", vkey }))).toBe(1);
  });

  test("holds the checkpoint to the n-of-m rule and its age", async () => {
    await writeLog(numbered(3));
    const witness = [
      await cosign("w1"),
      await cosign("w2", Date.now() - 7_200_000),
      vkeyOf("w3", freshSigner().publicKey),
    ];
    const verify = (options: Invocation["options"]) => run(verifyCommand, [], { log: "log", vkey, ...options });
    expect((await verify({ witness, quorum: "2" })).document).toMatchObject({
      ok: true,
      cosignedBy: [{ name: "w1" }, { name: "w2" }],
    });
    expect((await verify({ witness })).code).toBe(1);
    expect((await verify({ witness: witness.slice(0, 2), maxAge: "1h" })).code).toBe(1);
    expect((await verify({ witness: witness.slice(0, 2), quorum: "1", maxAge: "1h" })).code).toBe(0);
    expect(await exitOf(verify({ witness, quorum: "4" }))).toBe(2);
    expect(await exitOf(verify({ witness: [witness[0]!, witness[0]!] }))).toBe(2);
  });

  test("refuses a log that does not extend a checkpoint seen earlier", async () => {
    const seen = await writeLog(numbered(5));
    await writeFile(join(cwd, "seen"), seen);
    await writeLog(["more"]);
    expect(await exitOf(run(verifyCommand, [], { log: "log", vkey, since: "seen" }))).toBe(0);
    await writeLog(["fork", "fork", "fork", "fork", "fork", "fork"], "other");
    expect(await exitOf(run(verifyCommand, [], { log: "other", vkey, since: "seen" }))).toBe(1);
    await writeLog(numbered(4), "shorter");
    expect(await exitOf(run(verifyCommand, [], { log: "shorter", vkey, since: "seen" }))).toBe(1);
  });

  test("says whose the leaves of a consortium's log are and refuses strangers'", async () => {
    const [bank, lab, stranger] = [freshSigner(), freshSigner(), freshSigner()];
    const entries = [
      await wrapMemberEntry("1", ed25519NoteSigner("bank", bank)),
      await wrapMemberEntry("2", ed25519NoteSigner("lab", lab)),
    ];
    await writeFile(
      join(cwd, "members"),
      `# who\n${vkeyOf("bank", bank.publicKey)}\n${vkeyOf("lab", lab.publicKey)}\n`,
    );
    await writeLog(entries);
    const options = { log: "log", vkey, members: "members" };
    const good = await run(verifyCommand, [], options);
    expect(good).toMatchObject({ code: 0, document: { members: { bank: 1, lab: 1 } } });
    expect((await run(verifyCommand, [], { ...options, quorum: "1" })).code).toBe(1);
    await writeLog([await wrapMemberEntry("3", ed25519NoteSigner("bank", stranger))]);
    const bad = await run(verifyCommand, [], options);
    expect(bad.code).toBe(1);
    expect(bad.document["problems"]).toMatchObject([{ where: "leaf 2" }]);
  });
});

describe("ledger proof", () => {
  test("writes a proof that checks out without the log, and only for its entry and key", async () => {
    await writeLog(numbered(300));
    const made = await run(proofCommand, ["257"], { log: "log", vkey, out: "p.tlog-proof", saveEntry: "entry" });
    expect(made).toMatchObject({ code: 0, document: { index: 257, size: 300, origin } });
    await rm(join(cwd, "log"), { recursive: true });
    const check = { check: "p.tlog-proof", entry: "entry", vkey };
    expect(await run(proofCommand, [], check)).toMatchObject({ code: 0, document: { ok: true, index: 257 } });
    await writeFile(join(cwd, "other"), "entry 256");
    expect(await run(proofCommand, [], { ...check, entry: "other" })).toMatchObject({
      code: 1,
      document: { ok: false },
    });
    const stranger = vkeyOf(origin, freshSigner().publicKey);
    expect((await run(proofCommand, [], { ...check, vkey: stranger })).code).toBe(1);
    expect((await run(proofCommand, [], { ...check, check: "entry" })).code).toBe(1);
    expect((await run(proofCommand, [], { ...check, witness: [stranger] })).code).toBe(1);
    expect(await exitOf(run(proofCommand, [], { ...check, check: "nowhere" }))).toBe(2);
    expect(await exitOf(run(proofCommand, [], { check: "p.tlog-proof", vkey }))).toBe(2);
  });

  test("refuses indices the log does not have", async () => {
    await writeLog(numbered(3));
    for (const index of ["3", "-1", "01", "x", "1e1"])
      expect(await exitOf(run(proofCommand, [index], { log: "log", vkey }))).toBe(2);
    expect(await exitOf(run(proofCommand, [], { log: "log", vkey }))).toBe(2);
    expect(await exitOf(run(proofCommand, ["1"], { log: "log", vkey, check: "x" }))).toBe(2);
  });

  test("does not hand out a proof from a damaged log", async () => {
    await writeLog(numbered(3));
    const path = join(cwd, "log", "tile", "0", "000.p", "3");
    const bytes = await readFile(path);
    bytes[0]! ^= 1;
    await writeFile(path, bytes);
    expect(await exitOf(run(proofCommand, ["1"], { log: "log", vkey }))).toBe(1);
  });
});

describe("ledger export", () => {
  test("writes a log that verifies on its own, and nothing else", async () => {
    await writeLog(numbered(300));
    expect(await run(exportCommand, ["out"], { log: "log", vkey })).toMatchObject({
      code: 0,
      document: { ok: true, size: 300, origin },
    });
    expect(await exitOf(run(verifyCommand, [], { log: "out", vkey }))).toBe(0);
    const { readdir } = await import("node:fs/promises");
    expect((await readdir(join(cwd, "out"))).toSorted()).toEqual(["checkpoint", "tile"]);
    expect(await exitOf(run(exportCommand, ["out"], { log: "log", vkey }))).toBe(2);
  });
});
