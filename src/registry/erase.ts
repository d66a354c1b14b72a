import { createHash } from "node:crypto";
import type { BlobStore } from "../core/ports.ts";
import { type Digest, digestOfHex, hexOfDigest } from "../kit/digest.ts";
import { fail, isCastellanError } from "../kit/errors.ts";
import type { AliasRow, VersionRow } from "../store/repository.ts";
import { nextSequence } from "./alias-draft.ts";
import type { Context } from "./context.ts";
import { asJson, type ErasurePredicate, stateTypes, type Withdrawal } from "./predicates.ts";
import { record } from "./record.ts";
import { inSession } from "./session.ts";
import type { Ended, Ending } from "./revoke.ts";
import { checkReason } from "./terms.ts";
import { nameOf, trustedVersion } from "./trusted-version.ts";
import { descendants } from "./walk.ts";

/** What the certificate says an erasure proves. */
export const erasureProves: readonly string[] = [
  "The registry destroyed its only copies of the wrapped keys of the listed objects and deleted their ciphertexts, and stated so under its key at the time given.",
  "The statement stands on the log: it cannot be withdrawn or dated back without an independent verifier noticing.",
  "Each object had a random key of its own, used for nothing else: ciphertext that remains anywhere cannot be decrypted with any key the registry holds.",
  "Every version derived from this one, as far as its registrations say, is listed and flagged and is served no more.",
];

/** What the certificate says an erasure does not prove. */
export const erasureDoesNotProve: readonly string[] = [
  "That no plaintext copy exists outside the registry: where the bytes came from, where they were exported or checked out to, or in the memory of a process that had them open.",
  "That no backup made before the erasure can be restored: such a backup still holds the wrapped keys and has to be destroyed separately, or restored only to erase again.",
  "That the storage medium, a snapshot below the file system or a replica has overwritten what the database and the blob store deleted.",
  "That models trained from this version have forgotten it: they are flagged, not changed.",
  "That nothing is known of the version: its name, its file names, sizes and digests, its terms and the statements about it stay on record, so that proofs keep verifying.",
];

/** Which version shall be erased, and why. */
export type Erasure = Ending;

/**
 * Erases a version: destroys the keys of its objects, deletes their ciphertext, takes it from every alias, flags what was derived
 * from it. Statements and proofs about it stay and keep verifying. The recorded statement is the certificate of destruction.
 * @throws NOT_FOUND · ERASED when that was done already
 */
export async function erase(context: Context, { tenant, version, why }: Erasure): Promise<Ended> {
  const reason = checkReason(why);
  // Before the lock: hashing gigabytes must not keep the kill switch waiting.
  const ciphertexts = await ciphertextDigests(context, await notErased(context, tenant, version));
  return inSession(context, async (session) => {
    const row = await notErased(context, tenant, version);
    const affected = (await descendants(context, tenant, version)).map(({ digest }) => digest);
    const predicate: ErasurePredicate = {
      tenant,
      name: row.name,
      version,
      why: reason,
      erasedAt: session.at,
      objects: row.manifest.files.map(({ path }) => ({ path, ciphertextDigest: ciphertexts.get(path) })),
      affected,
      withdraws: await withdrawals(context, row),
      proves: erasureProves,
      doesNotProve: erasureDoesNotProve,
    };
    const statement = await record(context, session, {
      tenant,
      predicateType: stateTypes.erasure,
      predicate: asJson(predicate),
      subjects: [{ name: row.name, digest: { sha256: hexOfDigest(version) } }],
      about: [version],
      topic: row.topic,
    });
    return { statement, affected };
  });
}

async function notErased(context: Context, tenant: string, version: Digest): Promise<VersionRow> {
  const row = await trustedVersion(context, tenant, version);
  if (row.state === "erased") fail("ERASED", { message: `${nameOf(row)} was erased already`, where: row.endedBy });
  return row;
}

/** What happens to the aliases that point to the version, with it as main version or as canary. */
async function withdrawals(context: Context, { tenant, name, digest }: VersionRow): Promise<readonly Withdrawal[]> {
  const list: Withdrawal[] = [];
  const pointsTo = (row: AliasRow) => row.name === name && (row.digest === digest || row.canary === digest);
  for (const { alias, digest: main } of (await context.repository.aliases(tenant)).filter(pointsTo)) {
    const sequence = await nextSequence(context, tenant, name, alias);
    list.push(main === digest ? { alias, sequence } : { alias, sequence, keeps: main });
  }
  return list;
}

/** The digests of the ciphertexts that are there; a missing or unreadable one is no reason not to erase. */
async function ciphertextDigests(context: Context, row: VersionRow): Promise<ReadonlyMap<string, Digest>> {
  const digests = new Map<string, Digest>();
  for (const { path, blobKey } of await context.repository.objects(row.tenant, row.digest)) {
    const digest = await blobDigest(context.blobs, blobKey);
    if (digest) digests.set(path, digest);
  }
  return digests;
}

async function blobDigest(blobs: BlobStore, key: string): Promise<Digest | undefined> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of blobs.read(key)) hash.update(chunk);
  } catch (error) {
    if (isCastellanError(error)) return undefined;
    throw error;
  }
  return digestOfHex(hash.digest("hex"));
}
