import type { KeyObject } from "node:crypto";
import type { Envelope } from "../core/statement.ts";
import type { Signer } from "../core/ports.ts";
import { concat, fromAnyBase64, toBase64, utf8 } from "../kit/bytes.ts";
import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { jsonArray, jsonObject, jsonString, parseJson } from "../kit/json.ts";
import { keyIdOf, verifySignature } from "./keys.ts";

const maxSignatures = 64;

/**
 * The bytes a DSSE signature covers: `DSSEv1 <len> <type> <len> <payload>`, lengths in bytes.
 * https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md#signature-definition
 */
export function pae(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8(payloadType);
  return concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/** An envelope over `payload` signed by every one of `signers`, in their order. */
export async function signEnvelope(
  payloadType: string,
  payload: Uint8Array,
  signers: readonly Signer[],
): Promise<Envelope> {
  const message = pae(payloadType, payload);
  const signatures: { sig: string; keyid: string }[] = [];
  for (const signer of signers) {
    signatures.push({ sig: toBase64(await signer.sign(message)), keyid: signer.keyId });
  }
  return { payload: toBase64(payload), payloadType, signatures };
}

/**
 * Reads an envelope. An absent or null `keyid` becomes ""; fields the specification does not know are passed over, as
 * it demands. Nothing is verified yet.
 * @throws MALFORMED, LIMIT
 */
export function parseEnvelope(bytes: Uint8Array | string, what = "DSSE envelope"): Envelope {
  return readEnvelope(parseJson(bytes, what), what);
}

/** {@link parseEnvelope} for JSON that is parsed already. @throws MALFORMED, LIMIT */
export function readEnvelope(json: unknown, what = "DSSE envelope"): Envelope {
  const object = jsonObject(json, what);
  const listed = jsonArray(object["signatures"], `${what}: signatures`);
  if (listed.length === 0) fail("MALFORMED", `${what} carries no signature`);
  if (listed.length > maxSignatures) fail("LIMIT", `${what} carries more than ${maxSignatures} signatures`);
  return {
    payload: jsonString(object["payload"], `${what}: payload`),
    payloadType: jsonString(object["payloadType"], `${what}: payloadType`),
    signatures: listed.map((entry, index) => {
      const signature = jsonObject(entry, `${what}: signature ${index}`);
      return {
        sig: jsonString(signature["sig"], `${what}: signature ${index}: sig`),
        keyid: jsonString(signature["keyid"] ?? "", `${what}: signature ${index}: keyid`),
      };
    }),
  };
}

/** The payload bytes of an envelope, not yet verified. @throws MALFORMED */
export function payloadOf(envelope: Envelope): Uint8Array {
  return fromAnyBase64(envelope.payload, "DSSE payload");
}

/**
 * The payload, and which of `keys` signed it. `keyid` is only a hint and is not relied on. Callers must use the
 * returned payload bytes and never decode the envelope again.
 * @throws SIGNATURE when no signature verifies under any of the keys; MALFORMED
 */
export function verifyEnvelope(
  envelope: Envelope,
  keys: readonly KeyObject[],
): { payload: Uint8Array; signedBy: Digest[] } {
  const payload = payloadOf(envelope);
  const message = pae(envelope.payloadType, payload);
  const signatures = envelope.signatures.map(({ sig }) => fromAnyBase64(sig, "DSSE signature"));
  const signedBy: Digest[] = [];
  for (const key of keys) {
    if (!signatures.some((signature) => verifySignature(key, message, signature))) continue;
    const id = keyIdOf(key);
    if (!signedBy.includes(id)) signedBy.push(id);
  }
  if (signedBy.length === 0) fail("SIGNATURE", "no signature of the envelope verifies under a known key");
  return { payload, signedBy };
}
