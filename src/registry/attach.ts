import type { KeyObject } from "node:crypto";
import type { Signer } from "../core/ports.ts";
import type { Envelope, Statement, Subject } from "../core/statement.ts";
import { sha256Hex, utf8 } from "../kit/bytes.ts";
import { canonicalJson, type Json } from "../kit/canonical-json.ts";
import { type Digest, digestOfHex, hexOfDigest, isDigest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { defaultTenant } from "../core/asset.ts";
import { readEnvelope, signEnvelope, verifyEnvelope } from "../seal/dsse.ts";
import { encodeStatement, makeStatement, parseStatement, statementPayloadType } from "../seal/in-toto.ts";
import type { StatementRow, VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { isReserved } from "./predicates.ts";
import { recordEnvelope } from "./record.ts";
import { inSession } from "./session.ts";
import { nameOf, trustedVersion } from "./trusted-version.ts";

const maxEnvelopeBytes = 64 * 1024 * 1024;

/** A signed statement somebody made about a registered version. */
export interface Attachment {
  readonly tenant: string;
  readonly version: Digest;
  readonly envelope: Envelope;
  /** Whose signature counts; at least one must have signed. */
  readonly keys: readonly KeyObject[];
}

/** A statement that was made here. */
export interface Declaration {
  readonly tenant: string;
  readonly version: Digest;
  readonly predicateType: string;
  readonly predicate: Json;
  /** Who signs; the registry itself when absent. */
  readonly signers?: readonly Signer[] | undefined;
  /** Name every file as a subject beside the version, as SLSA provenance does. */
  readonly everyFile?: boolean | undefined;
}

/**
 * Puts a signed statement about a version on record. It stands for the version when it names the version's digest or every one of
 * its files; when it names only some of the files, it stands for those. The same statement again changes nothing.
 * @throws SIGNATURE · NOT_FOUND when it is not about the version · FORBIDDEN for the types only the registry records · MALFORMED
 */
export async function attach(context: Context, attachment: Attachment): Promise<StatementRow> {
  const { tenant, version, keys } = attachment;
  const envelope = readEnvelope(attachment.envelope);
  const { payload, signedBy } = verifyEnvelope(envelope, keys);
  if (envelope.payloadType !== statementPayloadType)
    fail("UNSUPPORTED", `The envelope carries "${envelope.payloadType.slice(0, 100)}", not an in-toto statement`);
  const statement = parseStatement(payload);
  return place(context, { tenant, version, envelope, statement, by: signedBy[0]! }, (row) =>
    subjectsOf(statement, row),
  );
}

/** Signs a statement about a version and puts it on record. @throws what {@link attach} throws */
export async function declare(context: Context, declaration: Declaration): Promise<StatementRow> {
  const { tenant, version, predicateType, predicate, everyFile } = declaration;
  const row = await trustedVersion(context, tenant, version);
  const subjects: Subject[] = [{ name: row.name, digest: { sha256: hexOfDigest(version) } }];
  if (everyFile)
    for (const { path, digest } of row.manifest.files)
      subjects.push({ name: path, digest: { sha256: hexOfDigest(digest) } });
  const signers = declaration.signers ?? [context.signer];
  const payload = encodeStatement(makeStatement(predicateType, predicate, subjects));
  const envelope = await signEnvelope(statementPayloadType, payload, signers);
  return attach(context, { tenant, version, envelope, keys: signers.map(({ publicKey }) => publicKey) });
}

/** A statement whose signature was verified, on its way to the record. */
export interface VerifiedAttachment {
  readonly tenant: string;
  readonly version: Digest;
  readonly envelope: Envelope;
  readonly statement: Pick<Statement, "predicateType">;
  /** Id of the key that signed. */
  readonly by: Digest;
  readonly bundle?: Uint8Array | undefined;
}

/** Records a verified statement about a version; `about` says under which digests it stands. */
export async function place(
  context: Context,
  attachment: VerifiedAttachment,
  about: (row: VersionRow) => readonly Digest[],
): Promise<StatementRow> {
  const { tenant, version, statement, by, bundle } = attachment;
  const { predicateType } = statement;
  if (isReserved(predicateType))
    fail("FORBIDDEN", {
      message: `Only the registry itself records statements of type ${predicateType}`,
      where: predicateType,
    });
  const bytes = storedForm(attachment.envelope, tenant, bundle);
  if (bytes.length > maxEnvelopeBytes) fail("LIMIT", `The statement is larger than ${maxEnvelopeBytes} bytes`);
  return inSession(context, async (session) => {
    const row = await trustedVersion(context, tenant, version);
    const subjects = about(row);
    if (subjects.length === 0)
      fail("NOT_FOUND", {
        message: "The statement is about neither this version nor one of its files",
        where: nameOf(row),
      });
    const known = await context.repository.statement(digestOfHex(sha256Hex(bytes)));
    if (known) {
      if (known.subjects.some((subject) => subjects.includes(subject))) return known;
      return fail("CONFLICT", {
        message: "The same statement is on record about another version",
        where: known.digest,
      });
    }
    const placing = { tenant, predicateType, about: subjects, topic: row.topic };
    return recordEnvelope(context, session, placing, { bytes, by, bundle });
  });
}

/**
 * The bytes an attached envelope is stored as. Beside what is signed, where DSSE lets verifiers pass over it, stand the tenant (two
 * tenants may hold the same statement, and neither learns of the other from its digest) and the digest of the bundle, so that the
 * leaf on the log covers that as well.
 */
function storedForm({ payload, payloadType, signatures }: Envelope, tenant: string, bundle?: Uint8Array): Uint8Array {
  const signed = { payload, payloadType, signatures: signatures.map(({ sig, keyid }) => ({ sig, keyid })) };
  return utf8(
    canonicalJson({
      ...signed,
      tenant: tenant === defaultTenant ? undefined : tenant,
      bundle: bundle && digestOfHex(sha256Hex(bundle)),
    }),
  );
}

/** Under which digests a statement about `row` stands; none when it is about something else. */
function subjectsOf(statement: Statement, row: VersionRow): readonly Digest[] {
  const named = new Set<Digest>();
  for (const { digest } of statement.subject) {
    const sha256 = digest["sha256"];
    if (sha256 === undefined) continue;
    const text = `sha256:${sha256.toLowerCase()}`;
    if (isDigest(text)) named.add(text);
  }
  const files = row.manifest.files.map(({ digest }) => digest);
  const touched = files.filter((digest) => named.has(digest));
  const whole = named.has(row.digest) || touched.length === files.length;
  return whole ? [...new Set([row.digest, ...touched])] : [...new Set(touched)];
}
