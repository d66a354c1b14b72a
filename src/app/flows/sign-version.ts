import type { Signer } from "../../core/ports.ts";
import { hexOfDigest } from "../../kit/digest.ts";
import { compareNames } from "../../seal/model-signing/names.ts";
import { signManifest } from "../../seal/model-signing/sign.ts";
import type { VersionRow } from "../../store/repository.ts";

/**
 * The OpenSSF signature bundle of a registered version, made from its manifest: the registry checked the bytes when it took them
 * in and checks them on every read, so they need not be read again to be signed.
 * @returns the bundle's bytes
 */
export async function signVersion(version: VersionRow, signer: Signer): Promise<Uint8Array> {
  const resources = version.manifest.files
    .map(({ path, digest }) => ({ name: path, digest: hexOfDigest(digest) }))
    .sort((a, b) => compareNames(a.name, b.name));
  const serialization = { method: "files", hashType: "sha256", allowSymlinks: false, ignorePaths: [] } as const;
  const signed = await signManifest({ modelName: version.name, serialization, resources }, signer);
  return Buffer.from(signed.bundle);
}
