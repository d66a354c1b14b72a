import type { KeyObject } from "node:crypto";
import { type Envelope, predicateTypeOf, shortNameOf, type VerifiedStatement } from "../../core/statement.ts";
import { equalBytes, fromHex, sha256Hex, textOf } from "../../kit/bytes.ts";
import { type Digest, digestOfHex } from "../../kit/digest.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import type { LogReader } from "../../ledger/reader.ts";
import { verifyTlogProof } from "../../ledger/proof-file.ts";
import { encodeLeaf, saltedDigest } from "../../registry/leaf.ts";
import { parseEnvelope, payloadOf, verifyEnvelope } from "../../seal/dsse.ts";
import { parseStatement } from "../../seal/in-toto.ts";
import type { EvidenceFolder } from "./folder.ts";
import type { EvidenceStatement } from "./format.ts";
import type { EvidenceTrust } from "./trust.ts";

/** A statement of the folder that stands on the log. Who signed it says `signedBy`: nobody trusted, when that is empty. */
export interface ProvenStatement extends VerifiedStatement {
  readonly kind: string;
  readonly topic: string;
  readonly logIndex: number;
  /** Which of the folder's versions it stands for. */
  readonly version: Digest | undefined;
}

const modelSignatureType = predicateTypeOf("model-signature");

/**
 * Verifies one statement of the folder: its bytes, and the proof that its leaf is on the log. A registry may hold statements of
 * people the verifier does not know: those are shown, and count for nothing.
 * @throws INTEGRITY, MALFORMED naming the file
 */
export async function proveStatement(
  folder: EvidenceFolder,
  entry: EvidenceStatement,
  trust: EvidenceTrust,
  log: LogReader,
): Promise<ProvenStatement> {
  const path = `${entry.file}.dsse.json`;
  const bytes = folder.read(path);
  if (digestOfHex(sha256Hex(bytes)) !== entry.digest)
    fail("INTEGRITY", { message: "The statement is not the one the index names", where: path });
  const envelope = parseEnvelope(bytes, path);
  const { payload, signedBy } = signaturesOf(envelope, trust) ?? { payload: payloadOf(envelope), signedBy: [] };
  const statement = parseStatement(payload);
  const short = shortNameOf(statement.predicateType);
  const kind = short === statement.predicateType ? "statement" : short;
  const salt = fromHex(entry.salt, "salt");
  const leaf = encodeLeaf({
    kind,
    topic: entry.topic,
    by: entry.by,
    at: entry.recordedAt,
    digest: saltedDigest(salt, bytes),
  });
  const proof = textOf(folder.read(`${entry.file}.tlog-proof`, 1024 * 1024), `${entry.file}.tlog-proof`);
  const { index } = verifyTlogProof(proof, leaf, { logKey: trust.vkey });
  // The proof may stand under another checkpoint; what counts is the log that is shown, and was audited.
  if (index >= log.size || !equalBytes(await log.entry(index), leaf))
    fail("INTEGRITY", {
      message: "The log shown does not hold this statement where its proof says",
      where: `${entry.file}.tlog-proof`,
    });
  return {
    digest: entry.digest,
    statement,
    signedBy,
    identities: [],
    logIndex: index,
    recordedAt: entry.recordedAt,
    kind,
    topic: entry.topic,
    version: entry.version,
  };
}

function signaturesOf(envelope: Envelope, trust: EvidenceTrust): ReturnType<typeof verifyEnvelope> | undefined {
  try {
    return verifyEnvelope(envelope, keysOf(trust));
  } catch (error) {
    if (isCastellanError(error, "SIGNATURE")) return undefined;
    throw error;
  }
}

/** True for statements that carry an OpenSSF model signature. */
export function isSignature({ statement }: ProvenStatement): boolean {
  return statement.predicateType === modelSignatureType;
}

/** The public keys of a trust. */
export function keysOf(trust: EvidenceTrust): readonly KeyObject[] {
  return trust.keys.map(({ publicKey }) => publicKey);
}
