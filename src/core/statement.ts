import type { Json } from "../kit/canonical-json.ts";
import type { Digest } from "../kit/digest.ts";

/** What a statement is about: a name and the digests of its bytes (in-toto ResourceDescriptor). */
export interface Subject {
  readonly name: string;
  readonly digest: { readonly [algorithm: string]: string };
}

/** An in-toto Statement v1: a typed claim about subjects. https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export interface Statement {
  readonly _type: "https://in-toto.io/Statement/v1";
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: Json;
}

/** A DSSE envelope as stored and exchanged. https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly sig: string; readonly keyid: string }[];
}

/** A statement whose envelope verified: what it says, who signed it, and where the log holds it. */
export interface VerifiedStatement {
  /** SHA-256 of the stored envelope bytes. */
  readonly digest: Digest;
  readonly statement: Statement;
  /** Key ids (see {@link "./ports.ts".Signer}) whose signatures over the payload verified. */
  readonly signedBy: readonly Digest[];
  /** Names of certificate subjects, for statements signed by certificate. */
  readonly identities: readonly string[];
  /** Position of its leaf in the log; undefined while it is not on the log. */
  readonly logIndex: number | undefined;
  /** When it was recorded here, RFC 3339. */
  readonly recordedAt: string;
}

/** Predicate types used by name in policies and commands. Our own are `urn:castellan:<name>:v1`; standards keep theirs. */
export const standardPredicateTypes = {
  "model-signature": "https://model_signing/signature/v1.0",
  "training-run": "https://slsa.dev/provenance/v1",
  "ml-bom": "https://cyclonedx.org/bom",
} as const;

const kebab = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** The predicate type a short name stands for; full URIs pass through unchanged. */
export function predicateTypeOf(name: string): string {
  if (Object.hasOwn(standardPredicateTypes, name))
    return standardPredicateTypes[name as keyof typeof standardPredicateTypes];
  return kebab.test(name) ? `urn:castellan:${name}:v1` : name;
}

/** The short name of a predicate type, or the type itself when it has none. */
export function shortNameOf(predicateType: string): string {
  for (const [name, type] of Object.entries(standardPredicateTypes)) if (type === predicateType) return name;
  return /^urn:castellan:([a-z0-9-]+):v1$/.exec(predicateType)?.[1] ?? predicateType;
}
