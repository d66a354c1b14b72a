import { randomBytes } from "node:crypto";
import { asName, type AssetInput, type AssetKind, assetKinds, type AssetTerms } from "../core/asset.ts";
import type { Signer } from "../core/ports.ts";
import { toHex } from "../kit/bytes.ts";
import { type Digest, hexOfDigest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import type { Json } from "../kit/canonical-json.ts";
import type { VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { asJson, type RegistrationPredicate, stateTypes } from "./predicates.ts";
import { record } from "./record.ts";
import type { SourceFile } from "./sealed-file.ts";
import { inSession, type Session } from "./session.ts";
import { type Staged, stage } from "./stage.ts";
import { claimStoreKey, currentlyWrapped } from "./store-key.ts";
import { mustBeTenant } from "./tenants.ts";
import { checkFacts, checkInputs, checkTerms } from "./terms.ts";
import { nameOf, trustedVersion } from "./trusted-version.ts";

/** What is to be registered. */
export interface Registration {
  readonly tenant: string;
  readonly kind: AssetKind;
  readonly name: string;
  readonly files: Iterable<SourceFile> | AsyncIterable<SourceFile>;
  /** What must arrive: the version digest, or for a version of one file that file's SHA-256. Anything else is not registered. */
  readonly expected?: Digest | undefined;
  /** Registered versions of the same tenant this one was made from. */
  readonly inputs?: readonly AssetInput[];
  readonly terms?: AssetTerms;
  readonly facts?: { readonly [key: string]: unknown };
  /** Who signs the registration beside the registry. */
  readonly sign?: readonly Signer[];
}

/** {@link Registration} with everything checked that can be checked before bytes arrive. */
type Checked = Omit<Registration, "files" | "facts" | "inputs" | "terms"> & {
  readonly inputs: readonly AssetInput[];
  readonly terms: AssetTerms;
  readonly facts: { readonly [key: string]: Json };
};

/**
 * Registers a version: stores its files encrypted, hashing them on the way, and records who it is and what it was made from.
 * The same bytes under the same name give the version that exists; nothing is recorded twice.
 * @throws INTEGRITY for a truncated or altered transfer (nothing is registered) · NOT_FOUND for an unknown tenant or input ·
 *   CONFLICT when the bytes are registered under another name, kind, inputs or terms · REVOKED, ERASED when they were ended ·
 *   MALFORMED, USAGE, LIMIT for what cannot be a version
 */
export async function register(context: Context, registration: Registration): Promise<VersionRow> {
  const checked = check(registration);
  await mustBeTenant(context, checked.tenant);
  const staged = await stage(context, registration.files);
  return registerStaged(context, checked, staged);
}

/** Checks what can be checked before bytes arrive. @throws USAGE · LIMIT */
export function check(registration: Registration): Checked {
  const { files: _files, ...rest } = registration;
  asName(registration.tenant, "The tenant");
  asName(registration.name, "The name");
  if (!assetKinds.includes(registration.kind))
    fail("USAGE", `"${registration.kind}" is none of ${assetKinds.join(", ")}`);
  return {
    ...rest,
    inputs: checkInputs(registration.inputs ?? []),
    terms: checkTerms(registration.terms ?? {}),
    facts: checkFacts(registration.facts ?? {}),
  };
}

/** The second half of {@link register}: files that are stored become a version, or are removed. */
export async function registerStaged(context: Context, wanted: Checked, staged: Staged): Promise<VersionRow> {
  try {
    checkArrival(wanted, staged);
    return await inSession(context, (session) => commit(context, session, wanted, staged));
  } finally {
    await discardUnlessRegistered(context, wanted.tenant, staged);
  }
}

/** Refuses what is not what was promised. @throws INTEGRITY */
export function checkArrival({ expected }: Pick<Registration, "expected">, { digest, manifest }: Staged): void {
  if (expected === undefined || expected === digest) return;
  const only = manifest.files.length === 1 ? manifest.files[0] : undefined;
  if (only?.digest === expected) return;
  fail("INTEGRITY", {
    message: `What arrived is ${only?.digest ?? digest} where ${expected} was promised`,
    where: only?.path ?? "version digest",
    next: "Transfer it again; nothing was registered.",
  });
}

async function commit(context: Context, session: Session, wanted: Checked, staged: Staged): Promise<VersionRow> {
  const { tenant, kind, name, inputs, terms, facts } = wanted;
  const { digest, manifest } = staged;
  if (await context.repository.version(tenant, digest)) return sameVersion(context, wanted, digest);
  await claimStoreKey(context);
  const topic = toHex(randomBytes(16));
  const predicate: RegistrationPredicate = {
    tenant,
    kind,
    name,
    version: digest,
    topic,
    files: manifest.files,
    inputs,
    ...terms,
    facts,
    registeredAt: session.at,
    flaggedBy: await endedAncestor(context, tenant, inputs),
  };
  await record(context, session, {
    tenant,
    predicateType: stateTypes.registration,
    predicate: asJson(predicate),
    subjects: [{ name, digest: { sha256: hexOfDigest(digest) } }],
    about: [digest],
    topic,
    // Wrapped keys are no part of the statement: it stays for good, they must be destroyable.
    alongside: (tx) => tx.addObjects(currentlyWrapped(context, staged.objects(tenant))),
    ...(wanted.sign ? { cosigners: wanted.sign } : {}),
  });
  return trustedVersion(context, tenant, digest);
}

/** The version that exists, when it is what is wanted. */
async function sameVersion(context: Context, wanted: Checked, digest: Digest): Promise<VersionRow> {
  const row = await trustedVersion(context, wanted.tenant, digest);
  const where = nameOf(row);
  if (row.state === "erased")
    fail("ERASED", { message: "These bytes were erased and cannot be registered again", where });
  if (row.state === "revoked") fail("REVOKED", { message: "These bytes were registered and revoked", where });
  const differs = (what: string): never =>
    fail("CONFLICT", {
      message: `These bytes are registered already, with another ${what}`,
      where,
      next: "A version is immutable. Register changed bytes, or use the version that exists.",
    });
  if (row.name !== wanted.name) differs("name");
  if (row.kind !== wanted.kind) differs("kind");
  for (const [term, value] of Object.entries(wanted.terms))
    if (value !== undefined && row[term as keyof AssetTerms] !== value) differs(term);
  const inputsOf = (inputs: readonly AssetInput[]) =>
    inputs
      .map((input) => `${input.digest} ${input.role}`)
      .sort()
      .join();
  if (wanted.inputs.length > 0 && inputsOf(wanted.inputs) !== inputsOf(row.inputs)) differs("set of inputs");
  return row;
}

/** An input that is ended, or the ended ancestor an input has. @throws NOT_FOUND for an input this tenant does not have */
async function endedAncestor(
  context: Context,
  tenant: string,
  inputs: readonly AssetInput[],
): Promise<Digest | undefined> {
  let ended: Digest | undefined;
  for (const { digest } of inputs) {
    const input = await trustedVersion(context, tenant, digest);
    ended ??= input.state === "live" ? input.flaggedBy : digest;
  }
  return ended;
}

/** Removes staged bytes that no stored row names. When that cannot be found out they stay, for the sweep to decide. */
async function discardUnlessRegistered(context: Context, tenant: string, staged: Staged): Promise<void> {
  const stored = await context.repository.objects(tenant, staged.digest);
  const kept = new Set(stored.map(({ blobKey }) => blobKey));
  if (!staged.objects(tenant).some(({ blobKey }) => kept.has(blobKey))) await staged.discard();
}
