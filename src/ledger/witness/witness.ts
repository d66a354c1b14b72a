import type { Signer } from "../../core/ports.ts";
import { equalBytes, utf8 } from "../../kit/bytes.ts";
import type { Clock } from "../../kit/clock.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import { type Checkpoint, openCheckpoint, parseCheckpoint } from "../checkpoint.ts";
import { emptyRoot, verifyConsistency } from "../merkle.ts";
import { cosigner, cosignerVkeyOf, type NoteVerifier, openNote, parseNote, parseVkey, signatureLine } from "../note.ts";
import type { AddCheckpoint } from "./request.ts";

// A witness's judgement: cosign a log's checkpoint only when it extends the last one cosigned. https://c2sp.org/tlog-witness

/** Where a witness remembers the last checkpoint it cosigned of each log. */
export interface WitnessState {
  /** The note last stored for the log, or undefined when there was none. @throws when it cannot be read for sure */
  read(origin: string): Promise<string | undefined>;
  /** Stores the note so that it survives a crash; resolves only then. */
  write(origin: string, note: string): Promise<void>;
}

/** A witness's answer. The names say why it refused; `size` is that of the last checkpoint it cosigned. */
export type WitnessAnswer =
  | { readonly kind: "cosigned"; readonly line: string; readonly checkpoint: Checkpoint }
  | { readonly kind: "malformed" | "unknown-log" | "bad-signature" | "bad-proof"; readonly why: string }
  | { readonly kind: "conflict"; readonly why: string; readonly size: number };

/** A witness at work. */
export interface Witness {
  /** Its own key, type 04. */
  readonly vkey: string;
  /** The logs it follows. */
  readonly origins: readonly string[];
  /** Answers one request; requests about one log are answered one after the other. */
  addCheckpoint(request: AddCheckpoint): Promise<WitnessAnswer>;
}

export interface WitnessOptions {
  /** The witness's name on signature lines. */
  readonly name: string;
  /** Its Ed25519 key, used for nothing else. */
  readonly signer: Signer;
  /** vkeys (type 01) of the logs it follows; a log may have several keys under one name. */
  readonly logs: readonly string[];
  readonly state: WitnessState;
  readonly clock: Clock;
}

/**
 * A witness over `state`. It never cosigns two roots of one size, nor a checkpoint that does not extend the last one; a
 * cosignature is handed out only after the state that binds the witness to it is durable.
 * @throws CONFIG when it follows no log; MALFORMED, UNSUPPORTED for bad keys
 */
export function createWitness({ name, signer, logs, state, clock }: WitnessOptions): Witness {
  const vkey = cosignerVkeyOf(name, signer.publicKey);
  const self = parseVkey(vkey);
  const keys = Map.groupBy(logs.map(parseVkey), (key) => key.name);
  if (keys.size === 0)
    fail("CONFIG", { message: "a witness must follow at least one log", next: "Name the log's key with --log." });
  const queues = new Map<string, Promise<unknown>>();

  return {
    vkey,
    origins: [...keys.keys()],
    async addCheckpoint(request) {
      const opened = openRequest(request, keys);
      if ("kind" in opened) return opened;
      const { origin } = opened.checkpoint;
      const before = queues.get(origin) ?? Promise.resolve();
      const answer = before.then(() => decide(opened, request));
      // The queue goes on whatever becomes of this request; its caller gets the error.
      queues.set(
        origin,
        answer.catch(() => {}),
      );
      return answer;
    },
  };

  async function decide({ checkpoint, text }: Opened, { oldSize, proof }: AddCheckpoint): Promise<WitnessAnswer> {
    const last = recall(await state.read(checkpoint.origin), checkpoint.origin, self);
    const size = last?.size ?? 0;
    if (oldSize !== size) return { kind: "conflict", why: `the last checkpoint cosigned has size ${size}`, size };
    if (last && checkpoint.size === size && !equalBytes(checkpoint.root, last.root))
      return { kind: "conflict", why: `another root was cosigned at size ${size}: the log shows two histories`, size };
    const flaw = growthFlaw(last, checkpoint, proof);
    if (flaw) return { kind: "bad-proof", why: flaw };
    const now = { now: () => Math.max(clock.now(), (last?.timestamp ?? 0) * 1000) };
    const me = cosigner(name, signer, now);
    const line = signatureLine(name, me.keyId, await me.sign(utf8(text)));
    await state.write(checkpoint.origin, `${text}\n${line}`);
    return { kind: "cosigned", line, checkpoint };
  }
}

interface Opened {
  readonly checkpoint: Checkpoint;
  readonly text: string;
}

/** The checkpoint asked about, once it is known to come from a log we follow and to fit the request. */
function openRequest(
  { oldSize, checkpoint: note }: AddCheckpoint,
  keys: ReadonlyMap<string, readonly NoteVerifier[]>,
): Opened | WitnessAnswer {
  try {
    const { text } = parseNote(note);
    const { origin } = parseCheckpoint(text);
    const known = keys.get(origin);
    if (!known) return { kind: "unknown-log", why: "this witness does not follow that log" };
    const checkpoint = openCheckpoint(note, known);
    if (oldSize > checkpoint.size) return { kind: "malformed", why: "the old size is larger than the checkpoint's" };
    return { checkpoint, text };
  } catch (error) {
    if (isCastellanError(error, "SIGNATURE")) return { kind: "bad-signature", why: error.message };
    if (isCastellanError(error, "MALFORMED", "LIMIT")) return { kind: "malformed", why: error.message };
    throw error;
  }
}

/** Our own last word on a log. State that is not our own signature is never taken for "nothing cosigned yet". */
function recall(note: string | undefined, origin: string, self: NoteVerifier): Remembered | undefined {
  if (note === undefined) return undefined;
  try {
    const { text, verified } = openNote(note, [self]);
    const checkpoint = parseCheckpoint(text);
    if (checkpoint.origin !== origin) fail("INTEGRITY", "it speaks of another log");
    return { ...checkpoint, timestamp: verified[0]?.timestamp ?? 0 };
  } catch (cause) {
    return fail("INTEGRITY", {
      message: `the witness's state for "${origin.slice(0, 80)}" is not what it stored: ${(cause as Error).message}`,
      next: "Restore the state folder, or start a new witness with a new key. Never delete the state of a key in use.",
      cause,
    });
  }
}

type Remembered = Checkpoint & { readonly timestamp: number };

/** What is wrong with the step from `last` to `next`, if anything. */
function growthFlaw(last: Checkpoint | undefined, next: Checkpoint, proof: readonly Uint8Array[]): string | undefined {
  try {
    verifyConsistency(last?.size ?? 0, last?.root ?? emptyRoot(), next.size, next.root, proof);
    return undefined;
  } catch (error) {
    if (isCastellanError(error)) return error.message;
    throw error;
  }
}
