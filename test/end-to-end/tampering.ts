import { hexOfDigest } from "../../src/kit/digest.ts";
import { demo } from "./demo-home.ts";

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
