import { fail } from "../../kit/errors.ts";
import { open, seal } from "./aead.ts";
import { broken } from "./header.ts";
import { hpkeContext } from "./hpke.ts";
import { fromRawBase64, rawBase64 } from "./raw-base64.ts";
import type { Stanza } from "./stanza.ts";
import { encapsulatedBytes, type XWingPrivateKey, xWingDecapsulate, xWingEncapsulate } from "./x-wing.ts";

const type = "mlkem768x25519";
const info = "age-encryption.org/mlkem768x25519";
/** MLKEM768-X25519 in the HPKE registry (draft-ietf-hpke-pq). */
const kem = 0x647a;

export interface HybridIdentity {
  readonly type: "hybrid";
  readonly key: XWingPrivateKey;
}

/**
 * A stanza that stays closed to whoever records it today and owns a quantum computer later
 * (C2SP age, "mlkem768x25519 recipient stanza"). @throws MALFORMED for a recipient that is no public key
 */
export function wrapForHybrid(fileKey: Uint8Array, recipient: Uint8Array): Stanza {
  const { sharedSecret, encapsulated } =
    xWingEncapsulate(recipient) ?? fail("MALFORMED", "the age1pq recipient is not a public key");
  const { key, nonce } = hpkeContext(kem, sharedSecret, info);
  return { args: [type, rawBase64(encapsulated)], body: seal(key, nonce, fileKey) };
}

/** The file key when `stanza` is meant for `identity`, else undefined. @throws MALFORMED for a broken hybrid stanza */
export function unwrapWithHybrid(stanza: Stanza, identity: HybridIdentity): Uint8Array | undefined {
  if (stanza.args[0] !== type) return undefined;
  const encapsulated = stanza.args.length === 2 ? fromRawBase64(stanza.args[1]!) : undefined;
  if (encapsulated?.length !== encapsulatedBytes || stanza.body.length !== 32)
    return broken(`has a broken ${type} stanza`);
  const secret = xWingDecapsulate(identity.key, encapsulated) ?? broken("has an X25519 share of low order");
  const { key, nonce } = hpkeContext(kem, secret, info);
  return open(key, nonce, stanza.body);
}
