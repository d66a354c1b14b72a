/**
 * The vocabulary of OpenSSF Model Signing v1.0: what a signature says about a model.
 * https://github.com/ossf/model-signing-spec (schemas/v1.0)
 */

/** Predicate type of the current format. */
export const modelPredicateType = "https://model_signing/signature/v1.0";

/** Predicate type of the v0.2 reference tool: one subject per file, no predicate worth reading. */
export const legacyPredicateType = "https://model_signing/Digests/v0.1";

/** Media type we write. */
export const bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** Git's own files: never part of a model when they lie at its top. */
export const alwaysExcluded: readonly string[] = [".git", ".gitattributes", ".github", ".gitignore"];

/** Hash algorithms of the specification that we compute, with node's name for them and the digest's length in bytes. */
export const hashTypes = {
  sha256: { node: "sha256", bytes: 32 },
  blake2b: { node: "blake2b512", bytes: 64 },
} as const;
export type HashType = keyof typeof hashTypes;

/** How the files of a model became a list of resources. */
export interface Serialization {
  readonly method: "files" | "shards";
  readonly hashType: HashType;
  /** Bytes per shard; present exactly when the method is `shards`. */
  readonly shardSize?: number;
  readonly allowSymlinks: boolean;
  /** Paths from the model's root that were left out, as recorded by the signer. */
  readonly ignorePaths: readonly string[];
}

/** One file or, with shards, one byte range of a file: `name` and lower-case hexadecimal digest. */
export interface Resource {
  readonly name: string;
  readonly digest: string;
}

/** What a signature says: which resources, in the order listed, and how they were made. */
export interface Manifest {
  /** The signer's name for the model; informative only. */
  readonly modelName: string;
  readonly serialization: Serialization;
  readonly resources: readonly Resource[];
}
