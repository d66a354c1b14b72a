import type { KeyObject } from "node:crypto";
import type { Digest } from "../kit/digest.ts";

export const keyAlgorithms = ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519"] as const;
export type KeyAlgorithm = (typeof keyAlgorithms)[number];

/** Something that signs: a key in memory, in a file, in a vault or a cloud service. Never reveals the private key. */
export interface Signer {
  /** SHA-256 of the public key's SubjectPublicKeyInfo DER. */
  readonly keyId: Digest;
  readonly algorithm: KeyAlgorithm;
  readonly publicKey: KeyObject;
  /**
   * Signature over `bytes`: DER ECDSA with SHA-256/384/512 for P-256/384/521, or pure Ed25519 (64 bytes).
   */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Where signing keys are kept. */
export interface KeyProvider {
  /** The signer for the key called `name`. @throws NOT_FOUND, FORBIDDEN (wrong pass phrase), MALFORMED */
  open(name: string): Promise<Signer>;
  /** Names of the keys it holds. */
  list(): Promise<readonly string[]>;
}

/** Opaque byte store. Keys are chosen by us (`^[0-9a-z]{2,64}$`-style path segments), never by a client. */
export interface BlobStore {
  /** Stores the stream durably under `key` and returns its length; visible only when complete. */
  write(key: string, bytes: AsyncIterable<Uint8Array>): Promise<number>;
  /** The stored bytes, as a stream. @throws NOT_FOUND */
  read(key: string): AsyncIterable<Uint8Array>;
  /** Removes the blob; absent blobs are fine. */
  delete(key: string): Promise<void>;
  has(key: string): Promise<boolean>;
  /** All keys. */
  list(): AsyncIterable<string>;
}

/** A tensor's name, KServe V2 datatype (`FP32`, `INT64`, `BYTES`, …) and shape; -1 where a dimension is free. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** Numbers with a shape, row-major. `bool` is carried as 0/1 in a Uint8Array. */
export interface Tensor {
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data:
    | Float32Array
    | Float64Array
    | Int8Array
    | Uint8Array
    | Int16Array
    | Uint16Array
    | Int32Array
    | Uint32Array
    | BigInt64Array
    | BigUint64Array
    | readonly string[];
}

/** A model that can be run. */
export interface LoadedModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  run(inputs: ReadonlyMap<string, Tensor>): Promise<ReadonlyMap<string, Tensor>>;
  close(): Promise<void>;
}

/** Loads model bytes for running; the driver lives in `app`. */
export interface InferenceRuntime {
  /** @throws MALFORMED when the bytes are not a model it can run */
  load(bytes: Uint8Array): Promise<LoadedModel>;
}
