import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { answerLost, gateLost } from "./lost-statement.ts";
import type { Answer, Tampering } from "./tampering.ts";
import { cutOff, flipByte, forkLog, inStore, replacePart, revive } from "./tampering-tools.ts";

const logFile = (home: string, kind: "entries" | "0"): string => {
  const folder = join(home, "log", "tile", kind, "000.p");
  const [widest] = readdirSync(folder).sort((a, b) => Number(b) - Number(a));
  return join(folder, widest!);
};

/** What cannot be read back from the log closes everything, the kill switch first. */
const closed = (says: RegExp): Answer => ({ status: 503, says });

/** With the log. */
export const logTamperings: readonly Tampering[] = [
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
        says: /rolled back: its checkpoint covers \d+ entries, but one for \d+/,
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
    noticed: [{ command: "store verify", exit: 1, says: /on the log at \d+, where the log has nothing/ }],
    answer: "serves",
    intact: ["dataset", "model", "log"],
  },
  {
    title: "the log forked: another one signed with the same key",
    tamper: (home) =>
      forkLog(home, (entry) => {
        const leaf = Buffer.from(entry).toString();
        return leaf.includes('"kind":"training-run"')
          ? Buffer.from(leaf.replace(/"digest":"../, '"digest":"00'))
          : entry;
      }),
    noticed: [
      gateLost("training-run"),
      { command: "store verify", exit: 1, says: /leaf on the log is not that of the statement/ },
      { command: "export", exit: 1, code: "INTEGRITY", says: /training-run stands on the log at \d+, and it does not/ },
    ],
    answer: answerLost("training-run"),
    intact: ["dataset", "log"],
  },
];
