import type { Clock } from "../kit/clock.ts";
import { fail } from "../kit/errors.ts";
import { keyLabel, type NoteVerifier, parseVkey, verifyNote } from "./note.ts";
import { noteKeyTypes } from "./vkey.ts";

// The n-of-m rule: how many of which witnesses must have signed before a checkpoint counts.

/** Times further ahead of our clock than this are not believed, else they would stay fresh for ever. */
const clockSkewMs = 5 * 60_000;

/** The rule as a user writes it. */
export interface QuorumRule {
  /** How many must have signed; 1 to the number of witnesses. */
  readonly n: number;
  /** vkeys of those who may. */
  readonly witnesses: readonly string[];
  /** When set, a cosignature older than this does not count. */
  readonly maxAgeMs?: number;
}

/** A rule that was checked and can be applied. */
export interface Quorum {
  readonly n: number;
  readonly witnesses: readonly NoteVerifier[];
  readonly maxAgeMs: number | undefined;
}

/**
 * The rule, ready to apply. Each witness counts once, so the same key may not stand there twice, under whatever name;
 * nor may the log's own key (`log`), which would be its own witness.
 * @throws CONFIG when the rule cannot mean what it says; MALFORMED, UNSUPPORTED for bad vkeys
 */
export function quorumOf(rule: QuorumRule, log?: NoteVerifier): Quorum {
  const witnesses = rule.witnesses.map(parseVkey);
  checkWitnesses(witnesses, rule.maxAgeMs !== undefined, log);
  return ruleOver(rule.n, witnesses, rule.maxAgeMs);
}

/** As {@link quorumOf}, over keys already parsed. @throws CONFIG */
export function ruleOver(n: number, witnesses: readonly NoteVerifier[], maxAgeMs?: number): Quorum {
  if (!Number.isSafeInteger(n) || n < 1 || n > witnesses.length)
    fail("CONFIG", {
      message: `a rule of ${n} of ${witnesses.length} witnesses makes no sense`,
      next: "Ask for at least one, and for no more than you list.",
    });
  return { n, witnesses, maxAgeMs };
}

function checkWitnesses(witnesses: readonly NoteVerifier[], timed: boolean, log: NoteVerifier | undefined): void {
  const seen = new Map<string, string>();
  if (log) seen.set(Buffer.from(log.publicKey).toString("hex"), `the log ${log.name}`);
  for (const witness of witnesses) {
    const key = Buffer.from(witness.publicKey).toString("hex");
    const before = seen.get(key);
    if (before !== undefined)
      fail("CONFIG", {
        message: `witness ${keyLabel(witness)} has the same key as ${before}: it would count twice`,
        next: "List each witness once, and never the log itself.",
      });
    seen.set(key, keyLabel(witness));
    if (timed && witness.type !== noteKeyTypes.cosignature)
      fail("CONFIG", `witness ${keyLabel(witness)} signs without a time, so a maximum age cannot be asked of it`);
  }
}

/** A witness whose cosignature counted. */
export interface Cosigner {
  readonly name: string;
  /** POSIX seconds; undefined for signatures that state no time. */
  readonly timestamp: number | undefined;
}

/**
 * Who of the rule's witnesses signed `note`, when they are enough.
 * @param clock needed when the rule has a maximum age
 * @throws SIGNATURE when they are too few or one of them is wrong; EXPIRED when they were enough once; MALFORMED, LIMIT
 */
export function checkQuorum(note: string | Uint8Array, quorum: Quorum, clock?: Clock): readonly Cosigner[] {
  const signed = cosignersOf(note, quorum.witnesses);
  const fresh = signed.filter(({ timestamp }) => isFresh(timestamp, quorum.maxAgeMs, clock));
  if (fresh.length >= quorum.n) return fresh;
  const names = fresh.map(({ name }) => name).join(", ") || "none";
  return fail(signed.length >= quorum.n ? "EXPIRED" : "SIGNATURE", {
    message: `${fresh.length} of the ${quorum.n} witnesses needed (of ${quorum.witnesses.length} known) cosigned this checkpoint`,
    where: `cosigned by: ${names}${signed.length > fresh.length ? `; too old or from the future: ${signed.length - fresh.length}` : ""}`,
    next: "Ask the log's owner for a checkpoint with more cosignatures, or check your list of witnesses.",
  });
}

/** The `witnesses` whose signature stands on `note`; none is fine. @throws SIGNATURE when one is wrong; MALFORMED, LIMIT */
export function cosignersOf(note: string | Uint8Array, witnesses: readonly NoteVerifier[]): readonly Cosigner[] {
  return verifyNote(note, witnesses).verified.map(({ name, timestamp }) => ({ name, timestamp }));
}

function isFresh(timestamp: number | undefined, maxAgeMs: number | undefined, clock: Clock | undefined): boolean {
  if (maxAgeMs === undefined) return true;
  if (!clock) fail("INTERNAL", "a maximum age needs a clock");
  if (timestamp === undefined) return false;
  const age = clock.now() - timestamp * 1000;
  return age <= maxAgeMs && age >= -clockSkewMs;
}
