import type { Digest } from "../../src/kit/digest.ts";
import { succeed } from "./castellan-process.ts";
import { demo } from "./demo-home.ts";
import { answerLost, gateLost } from "./lost-statement.ts";
import type { Tampering } from "./tampering.ts";
import { forget, inStore, replaceStore, revive, statementRow } from "./tampering-tools.ts";

/** Changes one character of a statement's signed content. */
function alter(home: string, kind: string, about?: Digest): void {
  const { digest, envelope } = statementRow(home, kind, about);
  const bytes = Buffer.from(envelope);
  const at = bytes.indexOf('"payload":"') + 60;
  bytes[at] = bytes[at] === 0x41 ? 0x42 : 0x41;
  inStore(home, (db) => db.prepare("update statements set envelope = ? where digest = ?").run(bytes, digest));
}

/** With rows of the store. */
export const storeTamperings: readonly Tampering[] = [
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
      { command: "export", exit: 1, code: "INTEGRITY", says: /log holds a revocation about one of these versions/ },
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
      { command: "export", exit: 1, code: "INTEGRITY", says: /log holds a revocation about one of these versions/ },
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
      { command: "export", exit: 1, code: "INTEGRITY", says: /training-run stands on the log at \d+, and it does not/ },
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
      { command: "export", exit: 1, code: "INTEGRITY", says: /promotion stands on the log at \d+, and it does not/ },
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
      { command: "export", exit: 1, code: "INTEGRITY", says: /gate-verdict stands on the log at \d+, and it does not/ },
    ],
    answer: answerLost("gate-verdict"),
    intact: ["dataset", "log"],
  },
  {
    title: "an older store while the log is newer, to undo a revocation",
    of: "revoked",
    tamper: (home, { original }) => replaceStore(home, original),
    noticed: [gateLost("revocation"), { command: "store verify", exit: 1, says: /statement the store has lost/ }],
    answer: answerLost("revocation"),
    intact: ["dataset", "log"],
  },
];
