import { textOf } from "../../kit/bytes.ts";
import { CastellanError, type ErrorCode, fail } from "../../kit/errors.ts";
import { type Checkpoint, parseCheckpoint, parseTreeSize } from "../checkpoint.ts";
import type { Cosign } from "../cosign-port.ts";
import { appendSignatures, keyLabel, type NoteVerifier, parseNote, parseSignatureLines, parseVkey } from "../note.ts";
import { cosignersOf, ruleOver } from "../quorum.ts";
import { writeAddCheckpoint } from "./request.ts";

// The log's side of witnessing: ask several witnesses for cosignatures, stop when enough have answered.

const maxAnswerBytes = 64 * 1024;
/** A witness that others use too may move on between our two requests; more often than this is a fault. */
const maxAttempts = 4;

/** A witness as a log's owner knows it. */
export interface WitnessAddress {
  /** Submission prefix, http or https; "/add-checkpoint" is added. */
  readonly url: string;
  /** The key its cosignatures verify with. */
  readonly vkey: string;
}

/** Makes consistency proofs; a `LogReader` does. */
export interface ConsistencyProver {
  /** RFC 6962 §2.1.2 proof between two sizes of the log. */
  consistencyProof(older: number, newer: number): Promise<readonly Uint8Array[]>;
}

export interface CosignRequest {
  /** The checkpoint, signed by the log. */
  readonly checkpoint: string;
  readonly witnesses: readonly WitnessAddress[];
  /** How many must cosign. */
  readonly n: number;
  readonly log: ConsistencyProver;
  /** Time for all of it, ms. */
  readonly timeoutMs?: number;
  /** How long to wait for the remaining witnesses once there are enough, ms. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
}

/** A witness that did not cosign. */
export interface WitnessRefusal {
  readonly witness: string;
  readonly url: string;
  readonly code: ErrorCode;
  readonly why: string;
}

export interface Cosigned {
  /** The checkpoint with the new cosignature lines at its end; a valid C2SP checkpoint. */
  readonly checkpoint: string;
  /** Names of all the witnesses asked whose cosignature it now carries. */
  readonly cosignedBy: readonly string[];
  readonly refusals: readonly WitnessRefusal[];
}

/**
 * Asks all witnesses at once and returns when all have answered, or enough have and the grace is over.
 * @throws INTEGRITY when they are too few and one says that the log shows two histories; UNAVAILABLE when they are too
 * few for other reasons; CONFIG for a rule that makes no sense
 */
export async function collectCosignatures(request: CosignRequest): Promise<Cosigned> {
  const { witnesses, n, timeoutMs = 10_000, graceMs = 500 } = request;
  const verifiers = witnesses.map(({ vkey }) => parseVkey(vkey));
  ruleOver(n, verifiers);
  const checkpoint = parseCheckpoint(parseNote(request.checkpoint).text);
  const stop = new AbortController();
  const timers = [setTimeout(() => stop.abort(), timeoutMs)];
  const onAbort = (): void => stop.abort();
  request.signal?.addEventListener("abort", onAbort, { once: true });
  if (request.signal?.aborted) stop.abort();
  const lines: string[] = [];
  const refusals: WitnessRefusal[] = [];
  let agreed = 0;
  try {
    await Promise.all(
      witnesses.map(async ({ url }, index) => {
        const verifier = verifiers[index]!;
        try {
          lines.push(...(await askWitness(url, verifier, checkpoint, request, stop.signal)));
          if (++agreed === n) timers.push(setTimeout(() => stop.abort(), graceMs));
        } catch (error) {
          refusals.push(refusal(error, verifier, url, stop.signal.aborted));
        }
      }),
    );
  } finally {
    for (const timer of timers) clearTimeout(timer);
    request.signal?.removeEventListener("abort", onAbort);
  }
  if (agreed < n) tooFew(agreed, n, refusals);
  const note = appendSignatures(request.checkpoint, lines);
  return { checkpoint: note, cosignedBy: cosignersOf(note, verifiers).map(({ name }) => name), refusals };
}

/**
 * Asks `n` of `witnesses` for every checkpoint a log writer publishes.
 * The promise it makes rejects as {@link collectCosignatures} does; the log's own checkpoint is published all the same.
 */
export function cosignWith(options: Pick<CosignRequest, "witnesses" | "n" | "timeoutMs" | "graceMs">): Cosign {
  return async (request) => {
    const log = { consistencyProof: (older: number) => request.consistencyProof(older) };
    const { checkpoint } = await collectCosignatures({ ...options, checkpoint: request.note, log });
    return checkpoint;
  };
}

function tooFew(agreed: number, n: number, refusals: readonly WitnessRefusal[]): never {
  const forked = refusals.some(({ code }) => code === "INTEGRITY");
  return fail(forked ? "INTEGRITY" : "UNAVAILABLE", {
    message: `${agreed} of the ${n} witnesses needed cosigned the checkpoint`,
    where: refusals.map(({ witness, why }) => `${witness}: ${why}`).join("; "),
    next: forked
      ? "A witness saw another history of this log. Do not sign further; compare the log with a copy a witness vouches for."
      : "Start the witnesses that did not answer, or ask again later.",
  });
}

function refusal(error: unknown, verifier: NoteVerifier, url: string, aborted: boolean): WitnessRefusal {
  const who = { witness: verifier.name, url };
  if (error instanceof CastellanError) return { ...who, code: error.code, why: error.message };
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  return { ...who, code: "UNAVAILABLE", why: aborted ? "no answer in time" : `cannot be reached: ${cause}` };
}

/** The witness's good signature lines on the checkpoint. */
async function askWitness(
  url: string,
  verifier: NoteVerifier,
  checkpoint: Checkpoint,
  { checkpoint: note, log }: CosignRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  // We do not know what it saw last: claiming "nothing" makes it tell us.
  let oldSize = 0;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const grows = oldSize > 0 && oldSize < checkpoint.size;
    const proof = grows ? await log.consistencyProof(oldSize, checkpoint.size) : [];
    const { status, body } = await post(url, writeAddCheckpoint({ oldSize, proof, checkpoint: note }), signal);
    if (status === 200) return ownLines(note, body, verifier);
    if (status !== 409) return refused(status, body);
    const said = parseTreeSize(body.trimEnd(), "the size the witness states");
    if (said > checkpoint.size)
      fail("INTEGRITY", `it cosigned size ${said} before; this checkpoint of size ${checkpoint.size} would roll back`);
    if (said === oldSize) fail("INTEGRITY", `it cosigned another root at size ${said}: the log shows two histories`);
    oldSize = said;
  }
  return fail("BUSY", "the witness's state kept changing while we asked");
}

function refused(status: number, body: string): never {
  const said = body.split("\n", 1)[0]!.slice(0, 200);
  if (status === 422) fail("INTEGRITY", `it does not accept that the log only grew (${said})`);
  if (status === 404) fail("UNTRUSTED", "it does not follow this log");
  if (status === 403) fail("SIGNATURE", "it knows another key for this log");
  return fail("UNAVAILABLE", `it answered ${status} ${said}`);
}

function ownLines(note: string, body: string, verifier: NoteVerifier): readonly string[] {
  const mine = parseSignatureLines(body).filter((signature) => keyLabel(signature) === keyLabel(verifier));
  const lines = mine.map(({ line }) => line);
  if (cosignersOf(appendSignatures(note, lines), [verifier]).length === 0)
    fail("SIGNATURE", "its answer holds no signature of its key");
  return lines;
}

async function post(
  url: string,
  body: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(`${url.replace(/\/+$/, "")}/add-checkpoint`, {
    method: "POST",
    body,
    redirect: "error",
    signal,
    headers: { "Content-Type": "text/plain; charset=utf-8" },
  });
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > maxAnswerBytes) fail("LIMIT", `its answer has more than ${maxAnswerBytes} bytes`);
    parts.push(part);
  }
  return { status: response.status, body: textOf(Buffer.concat(parts), "its answer") };
}

/** A witness as written on a command line: `URL=VKEY`. @throws USAGE, MALFORMED */
export function parseWitnessAddress(text: string): WitnessAddress {
  const [, url, vkey] = /^(https?:\/\/[^\s=]+)=([^\s]+)$/.exec(text) ?? [];
  if (url === undefined || vkey === undefined || !URL.canParse(url))
    return fail("USAGE", {
      message: `"${text.slice(0, 120)}" does not name a witness`,
      next: "Write its URL, an equals sign and its vkey: http://127.0.0.1:4041=witness+0123abcd+BAAA…",
    });
  parseVkey(vkey);
  return { url, vkey };
}
