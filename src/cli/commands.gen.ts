// Written by "npm run gen" from the files in src/cli/commands. Do not edit.
import type { CommandEntry } from "./overview.ts";

export const commandIndex: readonly CommandEntry[] = [
  {
    name: "attest",
    summary: "put a signed statement about a version on record",
    load: () => import("./commands/attest.ts"),
  },
  {
    name: "backup",
    summary: "write a complete, encrypted copy of store, blobs and log",
    load: () => import("./commands/backup.ts"),
  },
  {
    name: "checkout",
    summary: "write a version's files to a folder, byte for byte, checked on the way",
    load: () => import("./commands/checkout.ts"),
  },
  {
    name: "disassemble",
    summary: "show a pickle's opcodes and what each of them would call, without loading it",
    load: () => import("./commands/disassemble.ts"),
  },
  {
    name: "doctor",
    summary: "check that this machine has what castellan needs",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "erase",
    summary: "destroy a version's bytes for good, with a certificate",
    load: () => import("./commands/erase.ts"),
  },
  {
    name: "export",
    summary: "write an evidence folder that anyone can verify offline",
    load: () => import("./commands/export.ts"),
  },
  {
    name: "gate",
    summary: "may this version serve, now? with a reason per requirement",
    load: () => import("./commands/gate.ts"),
  },
  {
    name: "history",
    summary: "everything on record about an asset, in the order of the log",
    load: () => import("./commands/history.ts"),
  },
  {
    name: "import",
    summary: "register a pretrained model, if its hash, its signature and its publisher are right",
    load: () => import("./commands/import.ts"),
  },
  {
    name: "init",
    summary: "make a home folder: keys, log, store, a starter policy and a commented castellan.yaml",
    load: () => import("./commands/init.ts"),
  },
  { name: "keys list", summary: "list the private keys of a home", load: () => import("./commands/keys-list.ts") },
  { name: "keys new", summary: "make a key pair", load: () => import("./commands/keys-new.ts") },
  {
    name: "keys rotate-store",
    summary: "wrap the keys of everything stored for a new store key",
    load: () => import("./commands/keys-rotate-store.ts"),
  },
  {
    name: "keys trust",
    summary: "trust somebody's public key under a name that policies use",
    load: () => import("./commands/keys-trust.ts"),
  },
  {
    name: "kill",
    summary: "stop serving a model, a tenant or everything, at once",
    load: () => import("./commands/kill.ts"),
  },
  {
    name: "ledger append",
    summary: "append a file's text to a log of several parties, signed by the one who appends",
    load: () => import("./commands/ledger-append.ts"),
  },
  {
    name: "ledger cosign",
    summary: "ask witnesses to cosign the log's checkpoint and keep their signatures in it",
    load: () => import("./commands/ledger-cosign.ts"),
  },
  {
    name: "ledger export",
    summary: "copy the log as a plain C2SP tile log that anybody can host and audit, and audit the copy",
    load: () => import("./commands/ledger-export.ts"),
  },
  {
    name: "ledger proof",
    summary: "write the offline proof that an entry is on the log, or check one without network and log",
    load: () => import("./commands/ledger-proof.ts"),
  },
  {
    name: "ledger verify",
    summary: "audit a whole C2SP tile log on disk: every entry, every tile, the checkpoint, its witnesses",
    load: () => import("./commands/ledger-verify.ts"),
  },
  {
    name: "ledger witness",
    summary: "run a witness that cosigns a log's checkpoints only while the log never takes anything back",
    load: () => import("./commands/ledger-witness.ts"),
  },
  {
    name: "lineage",
    summary: "what a version was made from, and what was made from it",
    load: () => import("./commands/lineage.ts"),
  },
  {
    name: "promote",
    summary: "point an alias to a version, if the gate admits it",
    load: () => import("./commands/promote.ts"),
  },
  {
    name: "register data",
    summary: "register a dataset: a file or folder",
    load: () => import("./commands/register-data.ts"),
  },
  {
    name: "register features",
    summary: "register a feature table; reading it back takes a role and is recorded",
    load: () => import("./commands/register-features.ts"),
  },
  {
    name: "register model",
    summary: "register a model: a file or folder",
    load: () => import("./commands/register-model.ts"),
  },
  {
    name: "restore",
    summary: "restore a backup into a home that has its keys and nothing else",
    load: () => import("./commands/restore.ts"),
  },
  { name: "resume", summary: "serve again what was stopped with kill", load: () => import("./commands/resume.ts") },
  {
    name: "revoke",
    summary: "withdraw trust from a version and from everything made from it",
    load: () => import("./commands/revoke.ts"),
  },
  {
    name: "rollback",
    summary: "point an alias back to its last known-good version",
    load: () => import("./commands/rollback.ts"),
  },
  {
    name: "scan",
    summary: "examine models, files and projects for what is wrong with them; runs nothing of what it finds",
    load: () => import("./commands/scan.ts"),
  },
  { name: "sign", summary: "sign a model (OpenSSF Model Signing)", load: () => import("./commands/sign.ts") },
  { name: "status", summary: "what runs, what serves, what is stopped", load: () => import("./commands/status.ts") },
  {
    name: "store verify",
    summary: "re-check everything stored: bytes, signatures, places on the log",
    load: () => import("./commands/store-verify.ts"),
  },
  {
    name: "up",
    summary: "run everything on this machine: registry, gateway, model server",
    load: () => import("./commands/up.ts"),
  },
  {
    name: "verify-evidence",
    summary: "check an exported evidence folder: offline, every layer",
    load: () => import("./commands/verify-evidence.ts"),
  },
  {
    name: "verify",
    summary: "verify a model against its signature (OpenSSF Model Signing)",
    load: () => import("./commands/verify.ts"),
  },
];
