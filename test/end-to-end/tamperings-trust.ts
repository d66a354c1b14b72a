import { rmSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "./castellan-process.ts";
import type { Answer, Tampering } from "./tampering.ts";
import { flipByte, replaceLogKey } from "./tampering-tools.ts";

/** What cannot be read back from the log closes everything, the kill switch first. */
const closed = (says: RegExp): Answer => ({ status: 503, says });

/** With keys; and what was revoked or erased in the ordinary way. */
export const trustTamperings: readonly Tampering[] = [
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
];
