import type { Envelope } from "../../core/statement.ts";
import { fromAnyBase64, toBase64 } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import type { JsonObject } from "../../kit/json.ts";
import { isJsonObject, jsonArray, jsonObject, jsonString, parseJson } from "../../kit/json.ts";
import { readEnvelope } from "../dsse.ts";
import { statementPayloadType } from "../in-toto.ts";
import { bundleMediaType } from "./format.ts";

/** How the bundle says its signature is to be checked. */
export type Material =
  /** By a key the verifier holds. `hint` names it; pre-1.1 bundles carried the key itself instead (undefined hint). */
  | { readonly method: "key"; readonly hint: string | undefined }
  /** By a certificate chain, leaf first, DER. */
  | { readonly method: "certificate"; readonly certificates: readonly Uint8Array[] };

export interface Bundle {
  readonly material: Material;
  readonly envelope: Envelope;
}

/** Largest bundle we read: about a million resources. */
export const maxBundleBytes = 256 * 1024 * 1024;
const maxCertificates = 16;

const mediaTypes = new Set([
  bundleMediaType,
  "application/vnd.dev.sigstore.bundle.v0.2+json",
  "application/vnd.dev.sigstore.bundle.v0.1+json",
  "application/vnd.dev.sigstore.bundle+json;version=0.3",
  "application/vnd.dev.sigstore.bundle+json;version=0.2",
  "application/vnd.dev.sigstore.bundle+json;version=0.1",
]);

/** The bundle file: Sigstore bundle JSON, one object, newline at the end. */
export function writeBundle({ material, envelope }: Bundle): string {
  const content =
    material.method === "key"
      ? { publicKey: { hint: material.hint } }
      : {
          x509CertificateChain: {
            certificates: material.certificates.map((der) => ({ rawBytes: toBase64(der) })),
          },
        };
  const { payload, payloadType, signatures } = envelope;
  const bundle = {
    mediaType: bundleMediaType,
    verificationMaterial: { ...content, tlogEntries: [] },
    dsseEnvelope: { payload, payloadType, signatures: signatures.map(({ sig }) => ({ sig, keyid: "" })) },
  };
  return `${JSON.stringify(bundle)}\n`;
}

/**
 * Reads a bundle strictly: the media type, exactly the fields the schema allows, exactly one signature. Differences of
 * older writers (key bytes instead of a hint, null key ids, absent log entries) are accepted.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
 * @throws MALFORMED, LIMIT; UNSUPPORTED for keyless (Fulcio) bundles and bundles over a plain message
 */
export function parseBundle(bytes: Uint8Array): Bundle {
  if (bytes.length === 0) fail("MALFORMED", "the signature bundle is empty");
  const bundle = jsonObject(parseJson(bytes, "the signature bundle", maxBundleBytes), "the signature bundle");
  if ("messageSignature" in bundle) {
    fail("UNSUPPORTED", "the bundle signs a plain message, not the statement of a model");
  }
  only(bundle, ["mediaType", "verificationMaterial", "dsseEnvelope"], "the bundle");
  const mediaType = jsonString(bundle["mediaType"], "bundle: mediaType");
  if (!mediaTypes.has(mediaType)) {
    fail("MALFORMED", `"${mediaType.slice(0, 100)}" is not a bundle media type this version knows`);
  }
  const envelope = jsonObject(bundle["dsseEnvelope"], "bundle: dsseEnvelope");
  return {
    material: readMaterial(jsonObject(bundle["verificationMaterial"], "bundle: verificationMaterial")),
    envelope: readModelEnvelope(envelope),
  };
}

function readModelEnvelope(json: JsonObject): Envelope {
  only(json, ["payload", "payloadType", "signatures"], "the envelope");
  const signatures = jsonArray(json["signatures"], "bundle: signatures");
  // "DSSE envelopes in a bundle MUST have exactly one signature" (sigstore_bundle.proto).
  if (signatures.length !== 1) fail("MALFORMED", `the envelope carries ${signatures.length} signatures instead of one`);
  if (isJsonObject(signatures[0])) only(signatures[0], ["sig", "keyid"], "the envelope's signature");
  const envelope = readEnvelope(json, "bundle: dsseEnvelope");
  if (envelope.payload === "") fail("MALFORMED", "the envelope's payload is empty");
  if (envelope.payloadType !== statementPayloadType) {
    fail("MALFORMED", `the payload type is "${envelope.payloadType.slice(0, 100)}", not ${statementPayloadType}`);
  }
  return envelope;
}

function readMaterial(json: JsonObject): Material {
  const kinds = ["publicKey", "x509CertificateChain", "certificate"].filter((kind) => (json[kind] ?? null) !== null);
  only(
    json,
    ["publicKey", "x509CertificateChain", "certificate", "tlogEntries", "timestampVerificationData"],
    "the verification material",
  );
  if (kinds.length !== 1) {
    fail("MALFORMED", `the verification material names ${kinds.length === 0 ? "no key" : "several keys"}`);
  }
  jsonArray(json["tlogEntries"] ?? [], "bundle: tlogEntries");
  if (kinds[0] === "certificate") {
    fail("UNSUPPORTED", {
      message: "the bundle was signed without a long-lived key (Sigstore keyless), which this version cannot check",
      next: "Ask for a bundle signed with a key or with a certificate chain.",
    });
  }
  if (kinds[0] === "publicKey") {
    const key = jsonObject(json["publicKey"], "bundle: publicKey");
    const hint = key["hint"] ?? undefined;
    if (hint === undefined) jsonString(key["rawBytes"], "bundle: publicKey: hint or rawBytes");
    const text = hint === undefined ? "" : jsonString(hint, "bundle: publicKey: hint");
    return { method: "key", hint: text === "" ? undefined : text };
  }
  const chain = jsonObject(json["x509CertificateChain"], "bundle: x509CertificateChain");
  const certificates = jsonArray(chain["certificates"], "bundle: certificates");
  if (certificates.length === 0) fail("MALFORMED", "the certificate chain is empty");
  if (certificates.length > maxCertificates) {
    fail("LIMIT", `the certificate chain holds more than ${maxCertificates} certificates`);
  }
  return {
    method: "certificate",
    certificates: certificates.map((entry, i) =>
      fromAnyBase64(
        jsonString(jsonObject(entry, `bundle: certificate ${i}`)["rawBytes"], `bundle: certificate ${i}: rawBytes`),
        `bundle: certificate ${i}`,
      ),
    ),
  };
}

/** Refuses members that are not in `known`: a verifier must not smile at what it does not understand. */
export function only(object: JsonObject, known: readonly string[], what: string): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name))
      fail("MALFORMED", `${what} has a field "${name.slice(0, 80)}" the format does not allow`);
  }
}
