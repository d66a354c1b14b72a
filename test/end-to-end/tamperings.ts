import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { hexOfDigest, type Digest } from "../../src/kit/digest.ts";
import { serve, succeed } from "./castellan-process.ts";
import { demo, type DemoHomes } from "./demo-home.ts";
import {
  blobFile,
  cutOff,
  flipByte,
  forkLog,
  inStore,
  replaceLogKey,
  replacePart,
  replaceStore,
  statementRow,
} from "./tampering-tools.ts";

/** A command that notices, and how: its exit code and what its one JSON document says. */
export interface Noticed {
  readonly command: "gate" | "checkout" | "store verify" | "ledger verify" | "export" | "status" | "history";
  readonly exit: number;
  /** Code of the error; absent when the command reports instead of failing. */
  readonly code?: string;
  readonly says: RegExp;
}

/** What a gateway started on the tampered home answers. */
export interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly says?: RegExp;
}

export interface Tampering {
  readonly title: string;
  /** The home it starts from; the demo's when absent. */
  readonly of?: keyof Bases;
  readonly tamper: (home: string, bases: Bases) => void | Promise<void>;
  readonly noticed: readonly Noticed[];
  /** "serves" where nothing that is served was touched. */
  readonly answer: Answer | "serves";
  /** Commands that must go on working: what was not touched is not lost. */
  readonly intact: readonly ("dataset" | "model" | "log" | "store")[];
}

/** Homes in the states that tamperings start from. */
export interface Bases {
  readonly original: string;
  readonly bothProven: string;
  readonly revoked: string;
  readonly revokedDataset: string;
  readonly erasedDataset: string;
  /** A kill recorded, no gateway since. */
  readonly killed: string;
  /** A kill recorded and seen by a gateway, which wrote its own copy. */
  readonly killedAndSeen: string;
}

/** Brings copies of the demo's home into those states. */
export async function tamperingBases(homes: DemoHomes): Promise<Bases> {
  const after = async (...args: string[]): Promise<string> => {
    const home = homes.copy();
    await succeed([...args, "--home", home]);
    return home;
  };
  const killed = await after("kill", "model", "credit", "--why", "drill");
  const killedAndSeen = homes.copy(killed);
  await (await serve(killedAndSeen)).stop();
  return {
    original: homes.original,
    bothProven: homes.bothProven,
    revoked: await after("revoke", `credit@${demo.proven}`, "--why", "drill"),
    revokedDataset: await after("revoke", `german-credit@${demo.dataset}`, "--why", "drill"),
    erasedDataset: await after("erase", `german-credit@${demo.dataset}`, "--why", "drill"),
    killed,
    killedAndSeen,
  };
}

const model = (home: string): string => blobFile(home, demo.proven, "model.onnx");
const logFile = (home: string, kind: "entries" | "0"): string => {
  const folder = join(home, "log", "tile", kind, "000.p");
  const [widest] = readdirSync(folder).sort((a, b) => Number(b) - Number(a));
  return join(folder, widest!);
};

/** Deletes every trace the store has of a kind of statement, as whoever can write its file can. */
function forget(db: DatabaseSync, kind: string): void {
  db.prepare(
    "delete from statement_subjects where statement in (select digest from statements where predicate_type like ?)",
  ).run(`%${kind}%`);
  db.prepare("delete from statements where predicate_type like ?").run(`%${kind}%`);
}

function revive(db: DatabaseSync): void {
  forget(db, "revocation");
  db.exec("update versions set state = 'live', ended_by = null, flagged_by = null");
}

/** Changes one character of a statement's signed content. */
function alter(home: string, kind: string, about?: Digest): void {
  const { digest, envelope } = statementRow(home, kind, about);
  const bytes = Buffer.from(envelope);
  const at = bytes.indexOf('"payload":"') + 60;
  bytes[at] = bytes[at] === 0x41 ? 0x42 : 0x41;
  inStore(home, (db) => db.prepare("update statements set envelope = ? where digest = ?").run(bytes, digest));
}

const changed = (what: string): RegExp => new RegExp(`stored bytes of model\\.onnx were changed: .*${what}`);
const blobNoticed = (says: RegExp): readonly Noticed[] => [
  { command: "checkout", exit: 1, code: "INTEGRITY", says },
  { command: "store verify", exit: 1, says },
  { command: "export", exit: 1, code: "INTEGRITY", says },
];
const blobAnswer = (says: RegExp): Answer => ({ status: 503, code: "INTEGRITY", says });
const lost = (kind: string): RegExp => new RegExp(`log holds a ${kind} of .* but the store has lost or altered it`);
const gateLost = (kind: string): Noticed => ({ command: "gate", exit: 1, code: "INTEGRITY", says: lost(kind) });
const answerLost = (kind: string): Answer => ({ status: 503, code: "UNDECIDED", says: lost(kind) });
/** What cannot be read back from the log closes everything, the kill switch first. */
const closed = (says: RegExp): Answer => ({ status: 503, says });

export const tamperings: readonly Tampering[] = [
  {
    title: "a bit of a stored blob flipped",
    tamper: (home) => flipByte(model(home)),
    noticed: blobNoticed(changed("encrypted bytes were changed or cut off")),
    answer: blobAnswer(changed("encrypted bytes")),
    intact: ["dataset", "log"],
  },
  {
    title: "a stored blob cut short",
    tamper: (home) => cutOff(model(home), 20),
    noticed: blobNoticed(changed("encrypted bytes were changed or cut off")),
    answer: blobAnswer(changed("encrypted bytes")),
    intact: ["dataset", "log"],
  },
  {
    title: "a stored blob deleted",
    tamper: (home) => rmSync(model(home)),
    noticed: blobNoticed(/stored bytes of model\.onnx are missing/),
    answer: blobAnswer(/are missing/),
    intact: ["dataset", "log"],
  },
  {
    title: "a stored blob swapped for another model's",
    tamper: (home) => cpSync(blobFile(home, demo.unproven, "model.onnx"), model(home)),
    noticed: blobNoticed(changed("encrypted bytes")),
    answer: blobAnswer(changed("encrypted bytes")),
    intact: ["dataset", "log"],
  },
  {
    title: "the wrapped key of another object",
    tamper: (home) =>
      inStore(home, (db) => {
        const of = "version = ? and path = 'model.onnx'";
        db.prepare(`update objects set header = (select header from objects where ${of}) where ${of}`).run(
          demo.unproven,
          demo.proven,
        );
      }),
    noticed: blobNoticed(changed("encrypted bytes")),
    answer: blobAnswer(changed("encrypted bytes")),
    intact: ["dataset", "log"],
  },
  {
    title: "blob and wrapped key of another model together",
    tamper: (home) =>
      inStore(home, (db) => {
        const of = "version = ? and path = 'model.onnx'";
        const { blob_key, header } = db.prepare(`select * from objects where ${of}`).get(demo.unproven) as {
          blob_key: string;
          header: Uint8Array;
        };
        db.prepare(`delete from objects where ${of}`).run(demo.unproven);
        db.prepare(`update objects set blob_key = ?, header = ? where ${of}`).run(blob_key, header, demo.proven);
      }),
    noticed: blobNoticed(changed("longer than registered")),
    answer: blobAnswer(changed("longer than registered")),
    intact: ["dataset", "log"],
  },
  {
    title: "the version's row: another licence",
    tamper: (home) =>
      inStore(home, (db) => {
        db.prepare("update versions set terms = replace(terms, 'CC-BY-4.0', 'MIT') where digest = ?").run(demo.proven);
      }),
    noticed: [
      { command: "gate", exit: 1, code: "INTEGRITY", says: /stored version differs from its signed registration/ },
      { command: "store verify", exit: 1, says: /differs from what the statements on record lead to/ },
      { command: "export", exit: 1, code: "INTEGRITY", says: /differs from its signed registration/ },
    ],
    answer: { status: 503, code: "UNDECIDED", says: /differs from its signed registration/ },
    intact: ["dataset", "log"],
  },
  {
    title: "the version's row: cut off from the data it was made from",
    of: "revokedDataset",
    tamper: (home) => inStore(home, (db) => db.exec("delete from version_inputs")),
    noticed: [
      { command: "gate", exit: 1, code: "INTEGRITY", says: /differs from its signed registration/ },
      { command: "store verify", exit: 1, says: /differs from what the statements on record lead to/ },
    ],
    answer: { status: 503, code: "UNDECIDED", says: /differs from its signed registration/ },
    intact: ["log"],
  },
  {
    title: "the row of a model's revocation deleted",
    of: "revoked",
    tamper: (home) => inStore(home, revive),
    noticed: [
      gateLost("revocation"),
      { command: "store verify", exit: 1, says: /log has a leaf whose statement the store has lost/ },
      { command: "export", exit: 1, code: "REVOKED", says: /version was revoked/ },
    ],
    answer: answerLost("revocation"),
    intact: ["dataset", "log"],
  },
  {
    title: "the row of a dataset's revocation deleted",
    of: "revokedDataset",
    tamper: (home) => inStore(home, revive),
    noticed: [
      gateLost("revocation"),
      { command: "export", exit: 1, code: "REVOKED", says: /german-credit, which it was made from, was revoked/ },
    ],
    answer: answerLost("revocation"),
    intact: ["log"],
  },
  {
    title: "the alias pointed to another version, proven too",
    of: "bothProven",
    tamper: (home) =>
      inStore(home, (db) => {
        db.prepare("update aliases set digest = ?").run(demo.unproven);
      }),
    noticed: [
      { command: "store verify", exit: 1, says: /alias default\/credit:prod.*differs from what the statements/ },
      {
        command: "export",
        exit: 1,
        code: "INTEGRITY",
        says: /statement shown points .{0,2}"prod.{0,2}" to sha256:aa2d/,
      },
    ],
    answer: { status: 403, code: "POLICY", says: /signed statement sets it differently/ },
    intact: ["dataset", "log"],
  },
  {
    title: "a signed statement altered in the store",
    tamper: (home) => alter(home, "slsa"),
    noticed: [
      gateLost("training-run"),
      { command: "store verify", exit: 1, says: /stored envelope was changed/ },
      { command: "export", exit: 1, code: "INTEGRITY", says: /training-run stands on the log at 4, and it does not/ },
    ],
    answer: answerLost("training-run"),
    intact: ["dataset", "log"],
  },
  {
    title: "a registration altered in the store",
    tamper: (home) => alter(home, "registration", demo.proven),
    noticed: [
      { command: "gate", exit: 1, code: "INTEGRITY", says: /stored envelope is not the one that was recorded/ },
      { command: "checkout", exit: 1, code: "INTEGRITY", says: /not the one that was recorded/ },
    ],
    answer: { status: 503, code: "UNDECIDED", says: /not the one that was recorded/ },
    intact: ["dataset", "log"],
  },
  {
    title: "a promotion altered in the store",
    tamper: (home) => alter(home, "promotion"),
    noticed: [
      { command: "store verify", exit: 1, says: /stored envelope was changed/ },
      { command: "export", exit: 1, code: "INTEGRITY", says: /promotion stands on the log at 7, and it does not/ },
    ],
    answer: { status: 403, code: "POLICY", says: /not the one that was recorded/ },
    intact: ["dataset", "model", "log"],
  },
  {
    title: "a statement deleted from the store",
    tamper: (home) => inStore(home, (db) => forget(db, "slsa")),
    noticed: [gateLost("training-run"), { command: "store verify", exit: 1, says: /statement the store has lost/ }],
    answer: answerLost("training-run"),
    intact: ["dataset", "log"],
  },
  {
    title: "a statement's place on the log altered",
    tamper: (home) =>
      inStore(home, (db) => {
        const { digest } = statementRow(home, "slsa");
        db.prepare("update statements set log_index = 999 where digest = ?").run(digest);
      }),
    noticed: [
      { command: "gate", exit: 3, says: /training-run statement signed by trainer is not on the log/ },
      { command: "store verify", exit: 1, says: /is on the log at 999, where the log has nothing/ },
      { command: "export", exit: 1, code: "INTEGRITY", says: /stands on the log at 999, and it does not/ },
    ],
    answer: { status: 503, code: "UNDECIDED", says: /is not on the log/ },
    intact: ["dataset", "log"],
  },
  {
    title: "the verdict replaced by one for another version",
    of: "bothProven",
    async tamper(home) {
      await succeed(["gate", `credit@${demo.unproven}`, "--home", home]);
      const other = statementRow(home, "gate-verdict", demo.unproven);
      const own = statementRow(home, "gate-verdict", demo.proven);
      inStore(home, (db) => {
        db.prepare("update statements set envelope = ? where digest = ?").run(other.envelope, own.digest);
      });
    },
    noticed: [
      gateLost("gate-verdict"),
      { command: "store verify", exit: 1, says: /stored envelope was changed/ },
      { command: "export", exit: 1, code: "INTEGRITY", says: /gate-verdict stands on the log at 6, and it does not/ },
    ],
    answer: answerLost("gate-verdict"),
    intact: ["dataset", "log"],
  },
  {
    title: "a bit of a log entry flipped",
    tamper: (home) => flipByte(logFile(home, "entries")),
    noticed: [
      { command: "gate", exit: 1, code: "INTEGRITY", says: /entry \d does not have the hash in its tile/ },
      { command: "ledger verify", exit: 1, says: /root hash is not that of the entries/ },
      { command: "store verify", exit: 1, says: /does not have the hash in its tile/ },
    ],
    answer: closed(/does not have the hash in its tile/),
    intact: ["dataset", "model"],
  },
  {
    title: "a hash in a tile altered",
    tamper: (home) => flipByte(logFile(home, "0"), 33),
    noticed: [
      { command: "gate", exit: 1, code: "INTEGRITY", says: /entry 1 does not have the hash in its tile/ },
      { command: "ledger verify", exit: 1, says: /hashes are not those of the entries/ },
    ],
    answer: closed(/does not have the hash in its tile/),
    intact: ["dataset", "model"],
  },
  {
    title: "the checkpoint cut short",
    tamper: (home) => cutOff(join(home, "log", "checkpoint"), 30),
    noticed: [
      { command: "gate", exit: 1, code: "INTEGRITY", says: /file is damaged.*"where":"checkpoint"/ },
      { command: "ledger verify", exit: 1, says: /file is damaged/ },
      { command: "export", exit: 1, code: "INTEGRITY", says: /file is damaged/ },
    ],
    answer: closed(/file is damaged/),
    intact: ["dataset", "model"],
  },
  {
    title: "the checkpoint deleted",
    tamper: (home) => rmSync(join(home, "log", "checkpoint")),
    noticed: [
      { command: "gate", exit: 1, code: "INTEGRITY", says: /log has no checkpoint/ },
      { command: "ledger verify", exit: 1, says: /it is missing/ },
    ],
    answer: closed(/no checkpoint/),
    intact: ["dataset", "model"],
  },
  {
    title: "an older checkpoint, validly signed, and the revocation it hides deleted from the store",
    of: "revoked",
    tamper(home, { original }) {
      replacePart(home, join("log", "checkpoint"), original);
      inStore(home, revive);
    },
    noticed: [
      {
        command: "gate",
        exit: 1,
        code: "INTEGRITY",
        says: /rolled back: its checkpoint covers 9 entries, but one for 10/,
      },
      { command: "ledger verify", exit: 1, says: /rolled back/ },
      { command: "export", exit: 1, code: "INTEGRITY", says: /rolled back/ },
    ],
    answer: closed(/rolled back/),
    intact: ["dataset"],
  },
  {
    title: "an older log as a whole",
    of: "bothProven",
    tamper: (home, { original }) => replacePart(home, "log", original),
    noticed: [{ command: "store verify", exit: 1, says: /on the log at 9, where the log has nothing/ }],
    answer: "serves",
    intact: ["dataset", "model", "log"],
  },
  {
    title: "the log forked: another one signed with the same key",
    tamper: (home) =>
      forkLog(home, (entry, index) =>
        index === 4
          ? Buffer.from(
              Buffer.from(entry)
                .toString()
                .replace(/"digest":"../, '"digest":"00'),
            )
          : entry,
      ),
    noticed: [
      gateLost("training-run"),
      { command: "store verify", exit: 1, says: /leaf on the log is not that of the statement/ },
      { command: "export", exit: 1, code: "INTEGRITY", says: /training-run stands on the log at 4, and it does not/ },
    ],
    answer: answerLost("training-run"),
    intact: ["dataset", "log"],
  },
  {
    title: "the log's key replaced",
    tamper: (home) => replaceLogKey(home),
    noticed: [
      { command: "gate", exit: 1, code: "SIGNATURE", says: /none of the keys you trust has signed this/ },
      { command: "ledger verify", exit: 1, says: /none of the keys you trust/ },
      { command: "export", exit: 1, code: "SIGNATURE", says: /none of the keys you trust/ },
    ],
    answer: closed(/none of the keys you trust/),
    intact: ["dataset", "model"],
  },
  {
    title: "the operator's key replaced",
    async tamper(home) {
      rmSync(join(home, "keys", "operator.pem"));
      rmSync(join(home, "keys", "operator.pub.pem"));
      await succeed(["keys", "new", "operator", "--home", home]);
    },
    noticed: [
      { command: "gate", exit: 1, code: "INTEGRITY", says: /not signed by this registry/ },
      { command: "checkout", exit: 1, code: "INTEGRITY", says: /not signed by this registry/ },
      { command: "store verify", exit: 1, says: /not signed by this registry/ },
    ],
    answer: { status: 403, code: "POLICY", says: /not signed by this registry/ },
    intact: ["log"],
  },
  {
    title: "the store key altered",
    tamper: (home) => flipByte(join(home, "keys", "store.age"), -10),
    noticed: [{ command: "gate", exit: 2, code: "MALFORMED", says: /store key cannot be read.*store\.age/ }],
    answer: { status: 0, code: "MALFORMED", says: /store key cannot be read/ },
    intact: ["log"],
  },
  {
    title: "the key of a signer taken out of the trust folder",
    tamper: (home) => rmSync(join(home, "trust", "trainer.pem")),
    noticed: [{ command: "gate", exit: 2, code: "CONFIG", says: /no trusted key has that name/ }],
    answer: { status: 503, code: "UNDECIDED", says: /no trusted key has that name/ },
    intact: ["dataset", "model", "log", "store"],
  },
  {
    title: "a revoked model",
    of: "revoked",
    tamper: () => {},
    noticed: [
      { command: "gate", exit: 1, says: /built-in\/not-revoked.*it was revoked/ },
      { command: "checkout", exit: 1, code: "REVOKED", says: /was revoked/ },
      { command: "export", exit: 1, code: "REVOKED", says: /was revoked/ },
    ],
    answer: { status: 403, code: "POLICY", says: /built-in\/not-revoked/ },
    intact: ["dataset", "log", "store"],
  },
  {
    title: "a revoked dataset it was made from",
    of: "revokedDataset",
    tamper: () => {},
    noticed: [
      { command: "gate", exit: 1, says: /german-credit .*, which it was made from, was revoked/ },
      { command: "export", exit: 1, code: "POLICY", says: /was revoked/ },
    ],
    answer: { status: 403, code: "POLICY", says: /ancestors-live.*was revoked/ },
    intact: ["log", "store"],
  },
  {
    title: "an erased dataset it was made from",
    of: "erasedDataset",
    tamper: () => {},
    noticed: [
      { command: "gate", exit: 1, says: /german-credit .*, which it was made from, was erased/ },
      { command: "export", exit: 1, code: "POLICY", says: /was erased/ },
    ],
    answer: { status: 403, code: "POLICY", says: /ancestors-live.*was erased/ },
    intact: ["log", "store"],
  },
  {
    title: "an older store while the log is newer, to undo a revocation",
    of: "revoked",
    tamper: (home, { original }) => replaceStore(home, original),
    noticed: [gateLost("revocation"), { command: "store verify", exit: 1, says: /statement the store has lost/ }],
    answer: answerLost("revocation"),
    intact: ["dataset", "log"],
  },
  {
    title: "an older store while the log is newer, to undo a kill",
    of: "killed",
    tamper: (home, { original }) => replaceStore(home, original),
    noticed: [
      { command: "status", exit: 1, says: /kill-switch setting at index 9 that the store has lost or altered/ },
      { command: "store verify", exit: 1, says: /statement the store has lost/ },
    ],
    answer: { status: 503, code: "KILLED", says: /kill-switch setting at index 9 that the store has lost/ },
    intact: ["dataset", "model", "log"],
  },
  {
    title: "an older store and no kill-epoch.json, to undo a kill a gateway had seen",
    of: "killedAndSeen",
    tamper(home, { original }) {
      rmSync(join(home, "kill-epoch.json"));
      replaceStore(home, original);
    },
    noticed: [{ command: "status", exit: 1, says: /kill-switch setting at index 9/ }],
    answer: { status: 503, code: "KILLED", says: /the store has lost/ },
    intact: ["dataset", "model", "log"],
  },
  {
    title: "kill-epoch.json deleted",
    of: "killedAndSeen",
    tamper: (home) => rmSync(join(home, "kill-epoch.json")),
    noticed: [{ command: "status", exit: 1, says: /"killed":true/ }],
    answer: { status: 503, code: "KILLED", says: /default\/credit is switched off: drill/ },
    intact: ["dataset", "model", "log", "store"],
  },
  {
    title: "kill-epoch.json replaced by an empty one",
    of: "killedAndSeen",
    tamper: (home) => writeFileSync(join(home, "kill-epoch.json"), '{"v":1,"epoch":0,"statements":[]}\n'),
    noticed: [{ command: "status", exit: 1, says: /"killed":true/ }],
    answer: { status: 503, code: "KILLED", says: /switched off: drill/ },
    intact: ["dataset", "model", "log", "store"],
  },
  {
    title: "a bit of kill-epoch.json flipped",
    of: "killedAndSeen",
    tamper: (home) => flipByte(join(home, "kill-epoch.json")),
    noticed: [{ command: "status", exit: 1, says: /"killed":true/ }],
    answer: { status: 503, code: "KILLED", says: /kill switch cannot be trusted/ },
    intact: ["dataset", "model", "log", "store"],
  },
  {
    title: "the row of a kill deleted, and kill-epoch.json with it",
    of: "killedAndSeen",
    tamper(home) {
      rmSync(join(home, "kill-epoch.json"));
      inStore(home, (db) => db.exec("delete from kills"));
    },
    noticed: [
      { command: "status", exit: 1, says: /kill-switch setting at index 9 that the store has lost or altered/ },
      { command: "store verify", exit: 1, says: /kill switch model default\/credit/ },
    ],
    answer: { status: 503, code: "KILLED", says: /the store has lost/ },
    intact: ["dataset", "model", "log"],
  },
];

/** Arguments of a noticing command on `home`; `out` is a path it may write to. */
export function commandLine(command: Noticed["command"], home: string, out: string): readonly string[] {
  const more = {
    gate: [`credit@${demo.proven}`, "--dry-run"],
    checkout: [`credit@${demo.proven}`, out],
    export: ["credit", out],
    history: ["credit"],
    status: [],
    "store verify": [],
    "ledger verify": [],
  }[command];
  return [...command.split(" "), ...more, "--home", home, "--json"];
}

/** Commands that show that something was left whole. */
export function intactLine(what: Tampering["intact"][number], home: string, out: string): readonly string[] {
  const args = {
    dataset: ["checkout", `german-credit@sha256:${hexOfDigest(demo.dataset)}`, out],
    model: ["checkout", `credit@${demo.proven}`, out],
    log: ["ledger", "verify"],
    store: ["store", "verify"],
  }[what];
  return [...args, "--home", home, "--json"];
}
