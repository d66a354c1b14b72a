import type { Digest } from "../kit/digest.ts";
import { fail, isCastellanError } from "../kit/errors.ts";
import type { StatementRow, VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { placeSignature, verifyModelSignature, type VerifiedSignature } from "./model-signature.ts";
import { matchesSource, type Publisher, type PublisherPolicy, sourceUrl, trustsOf } from "./publisher.ts";
import { check, checkArrival, type Registration, registerStaged } from "./register.ts";
import type { SourceFile } from "./sealed-file.ts";
import { type Staged, stage } from "./stage.ts";
import { mustBeTenant } from "./tenants.ts";

/** A model somebody else made. */
export interface PretrainedImport extends Omit<Registration, "kind" | "files"> {
  readonly files: Iterable<SourceFile> | AsyncIterable<SourceFile>;
  /** Where the files came from. */
  readonly source: string;
  /** The publisher's OpenSSF Model Signing bundle. */
  readonly bundle?: Uint8Array | undefined;
  readonly policy: PublisherPolicy;
}

/** A model that was imported. */
export interface Imported {
  readonly version: VersionRow;
  readonly signature: StatementRow;
  readonly publisher: string;
}

/**
 * Imports a pretrained model: only from a source the policy gives to a publisher, only with the digests expected, only with that
 * publisher's signature over every file. What is refused leaves nothing behind.
 * @throws UNTRUSTED for an unsigned model, a source nobody is trusted for, or another signer · SIGNATURE, EXPIRED · INTEGRITY for
 *   other bytes than expected or signed · USAGE without an expected digest · what `register` throws
 */
export async function importPretrained(context: Context, wanted: PretrainedImport): Promise<Imported> {
  const source = sourceUrl(wanted.source);
  const publishers = wanted.policy.publishers.filter(({ sources }) =>
    sources.some((one) => matchesSource(source, one)),
  );
  if (publishers.length === 0)
    fail("UNTRUSTED", {
      message: `No trusted publisher publishes at ${source}`,
      where: "source",
      next: "Add the publisher and the source to the policy, if you trust both.",
    });
  const { bundle } = wanted;
  if (!bundle)
    return fail("UNTRUSTED", {
      message: "The model is not signed",
      where: source,
      next: `It has to come with a model signature by ${publishers.map(({ name }) => name).join(" or ")}.`,
    });
  const registration = { ...plainRegistration(wanted), kind: "model" as const, files: [] };
  check(registration);
  await mustBeTenant(context, wanted.tenant);
  const staged = await stage(context, wanted.expected === undefined ? expectedFiles(wanted.files) : wanted.files);
  const signer = await verified(context, registration, staged, bundle, publishers);
  const { signature, publisher } = signer;
  const checked = check({
    ...registration,
    terms: { origin: source, ...wanted.terms },
    facts: {
      ...wanted.facts,
      import: { source, publisher, signedBy: signature.signedBy, identities: signature.identities },
    },
  });
  const version = await registerStaged(context, checked, staged);
  const { tenant } = wanted;
  const row = await placeSignature(context, { tenant, version: version.digest, bundle }, signature);
  return { version, signature: row, publisher };
}

/** Whose signature it is; removes what is staged when it is nobody's. */
async function verified(
  context: Context,
  { expected }: { readonly expected?: Digest | undefined },
  staged: Staged,
  bundle: Uint8Array,
  publishers: readonly Publisher[],
): Promise<{ readonly signature: VerifiedSignature; readonly publisher: string }> {
  const refusals: unknown[] = [];
  try {
    checkArrival({ expected }, staged);
    for (const publisher of publishers)
      for (const trust of trustsOf(publisher, context.clock.now()))
        try {
          return { signature: await verifyModelSignature(staged, bundle, trust), publisher: publisher.name };
        } catch (error) {
          if (!isCastellanError(error)) throw error;
          refusals.push(error);
        }
    // A signature that is there but wrong says more than one that is somebody else's.
    throw refusals.find((error) => !isCastellanError(error, "UNTRUSTED")) ?? refusals[0];
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

function plainRegistration(wanted: PretrainedImport): Omit<Registration, "kind" | "files"> {
  const { files: _files, source: _source, bundle: _bundle, policy: _policy, ...registration } = wanted;
  return registration;
}

/** Without a digest of the whole, each file has to come with its own. */
async function* expectedFiles(files: PretrainedImport["files"]): AsyncGenerator<SourceFile, void, void> {
  for await (const file of files) {
    if (file.expected === undefined)
      fail("USAGE", {
        message: `Which SHA-256 ${file.path} has is not said`,
        next: "Give the digest the publisher states.",
      });
    yield file;
  }
}
