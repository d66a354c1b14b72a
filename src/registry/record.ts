import { randomBytes } from "node:crypto";
import type { Signer } from "../core/ports.ts";
import { shortNameOf, type Subject } from "../core/statement.ts";
import { sha256Hex, utf8 } from "../kit/bytes.ts";
import { canonicalJson, type Json } from "../kit/canonical-json.ts";
import { type Digest, digestOfHex } from "../kit/digest.ts";
import { CastellanError, isCastellanError } from "../kit/errors.ts";
import { signEnvelope } from "../seal/dsse.ts";
import { encodeStatement, makeStatement, statementPayloadType } from "../seal/in-toto.ts";
import type { Repository, StatementRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { encodeLeaf, saltedDigest } from "./leaf.ts";
import { putOnLog } from "./put-on-log.ts";
import { rememberTime } from "./record-time.ts";
import { settle } from "./settle.ts";
import type { Session } from "./session.ts";

/** Where a statement will stand: whose it is, what it is about, under which topic its leaf goes on the log. */
export interface Placing {
  readonly tenant: string;
  readonly predicateType: string;
  /** Digests under which the store finds it. */
  readonly about: readonly Digest[];
  readonly topic: string;
}

/** A statement the registry is about to make. */
export interface Draft extends Placing {
  readonly predicate: Json;
  readonly subjects: readonly Subject[];
  /** Stored in the same transaction as the pending statement: what it cannot carry itself. */
  readonly alongside?: (tx: Repository) => Promise<void>;
  /** Who signs beside the registry. */
  readonly cosigners?: readonly Signer[];
}

/** Signs a statement as the registry, records it and applies its effect. Durable and on the log when it returns. */
export async function record(context: Context, session: Session, draft: Draft): Promise<StatementRow> {
  const statement = makeStatement(draft.predicateType, draft.predicate, draft.subjects);
  const signers = [context.signer, ...(draft.cosigners ?? [])];
  const envelope = await signEnvelope(statementPayloadType, encodeStatement(statement), signers);
  const bytes = utf8(canonicalJson(envelope as unknown as Json));
  return recordEnvelope(context, session, draft, { bytes, by: context.signer.keyId }, draft.alongside);
}

/**
 * Records an envelope that is signed already. The order is what makes it survive a crash at any point: the envelope is stored as
 * pending; its leaf goes on the log, under a published checkpoint; its effect is applied and it is marked as logged, in one transaction.
 */
export async function recordEnvelope(
  context: Context,
  session: Session,
  placing: Placing,
  envelope: { readonly bytes: Uint8Array; readonly by: Digest; readonly bundle?: Uint8Array | undefined },
  alongside?: (tx: Repository) => Promise<void>,
): Promise<StatementRow> {
  const salt = randomBytes(16);
  const row: StatementRow = {
    digest: digestOfHex(sha256Hex(envelope.bytes)),
    tenant: placing.tenant,
    predicateType: placing.predicateType,
    subjects: [...new Set(placing.about)],
    envelope: envelope.bytes,
    bundle: envelope.bundle,
    salt,
    leaf: encodeLeaf({
      kind: leafKind(placing.predicateType),
      topic: placing.topic,
      by: envelope.by,
      at: session.at,
      digest: saltedDigest(salt, envelope.bytes),
    }),
    recordedAt: session.at,
    state: "pending",
  };
  await context.repository.transaction(async (tx) => {
    await alongside?.(tx);
    await tx.addStatement(row);
    await rememberTime(tx, row.recordedAt);
  });
  try {
    return await settle(context, row, await putOnLog(session.log, row.leaf));
  } catch (error) {
    throw stillPending(error);
  }
}

/** The kind a leaf states: our short names and those of the standards; nothing that a stranger made up. */
function leafKind(predicateType: string): string {
  const name = shortNameOf(predicateType);
  return name === predicateType ? "statement" : name;
}

/** The error of an operation that got as far as the store and no further. */
function stillPending(error: unknown): unknown {
  if (!isCastellanError(error)) return error;
  const { code, message, where, next } = error;
  const hint = "It is stored as pending and will be completed when the registry is next used.";
  return new CastellanError(code, { message, where, next: next ? `${next} ${hint}` : hint, cause: error });
}
