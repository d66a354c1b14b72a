import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tampering } from "./tampering.ts";
import { flipByte, inStore, replaceStore } from "./tampering-tools.ts";

/** With the kill switch. */
export const killsTamperings: readonly Tampering[] = [
  {
    title: "an older store while the log is newer, to undo a kill",
    of: "killed",
    tamper: (home, { original }) => replaceStore(home, original),
    noticed: [
      { command: "status", exit: 1, says: /kill-switch setting at index \d+ that the store has lost or altered/ },
      { command: "store verify", exit: 1, says: /statement the store has lost/ },
    ],
    answer: { status: 503, code: "KILLED", says: /kill-switch setting at index \d+ that the store has lost/ },
    intact: ["dataset", "model", "log"],
  },
  {
    title: "an older store and no kill-epoch.json, to undo a kill a gateway had seen",
    of: "killedAndSeen",
    tamper(home, { original }) {
      rmSync(join(home, "kill-epoch.json"));
      replaceStore(home, original);
    },
    noticed: [{ command: "status", exit: 1, says: /kill-switch setting at index \d+/ }],
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
      { command: "status", exit: 1, says: /kill-switch setting at index \d+ that the store has lost or altered/ },
      { command: "store verify", exit: 1, says: /kill switch model default\/credit/ },
    ],
    answer: { status: 503, code: "KILLED", says: /the store has lost/ },
    intact: ["dataset", "model", "log"],
  },
];
