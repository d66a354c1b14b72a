import { X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { equalBytes, textOf } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import type { Der } from "./der.ts";
import { derTags, readDer, readOid, readOne, readTime } from "./der.ts";

/** The facts of a certificate (RFC 5280) that path validation and people need. */
export interface Certificate {
  readonly der: Uint8Array;
  /** Subject and issuer as people read them, one line. */
  readonly subject: string;
  readonly issuer: string;
  /** Their DER, for comparing. */
  readonly subjectName: Uint8Array;
  readonly issuerName: Uint8Array;
  readonly publicKey: KeyObject;
  /** Validity in milliseconds since the epoch, both ends included. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** OID of the algorithm its issuer signed with. */
  readonly signatureAlgorithm: string;
  /** From basicConstraints; undefined when the extension is absent. */
  readonly authority: boolean | undefined;
  readonly pathLength: number | undefined;
  /** Undefined when the extension is absent: every use is permitted. */
  readonly keyUsage: { readonly digitalSignature: boolean; readonly keyCertSign: boolean } | undefined;
  /** OIDs of the extended key usage; undefined when absent. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** DNS names, URIs, e-mail and IP addresses of the subject alternative name, as text. */
  readonly identities: readonly string[];
  /** OIDs of extensions that restrict the path and that we do not process: critical unknown ones, name constraints. */
  readonly unprocessed: readonly string[];
  /** Does `issuer`'s key verify this certificate's signature? */
  signedBy(issuer: KeyObject): boolean;
}

const oids = {
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  policyConstraints: "2.5.29.36",
  extendedKeyUsage: "2.5.29.37",
} as const;

const maxCertificate = 64 * 1024;

/** Reads a DER certificate. @throws MALFORMED naming `what`, LIMIT */
export function parseCertificate(der: Uint8Array, what = "certificate"): Certificate {
  if (der.length > maxCertificate) fail("LIMIT", `${what} is larger than ${maxCertificate} bytes`);
  let node: X509Certificate;
  let publicKey: KeyObject;
  try {
    node = new X509Certificate(der);
    publicKey = node.publicKey;
  } catch (cause) {
    return fail("MALFORMED", { message: `${what} is not a readable X.509 certificate`, cause });
  }
  // PEM also passes node's constructor; from here on only DER will do.
  const [tbs, outer] = readDer(readOne(der, derTags.sequence, what).content, what);
  const fields = tbs?.tag === derTags.sequence ? readDer(tbs.content, what) : [];
  // An explicit version [0] comes first, in every certificate that has extensions.
  const [, inner, issuer, validity, subject, , ...rest] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
  if (!inner || !issuer || !validity || !subject || !outer || !equalBytes(inner.raw, outer.raw)) {
    return fail("MALFORMED", `${what} is not an X.509 certificate`);
  }
  const [notBefore, notAfter] = readDer(validity.content, what);
  if (!notBefore || !notAfter) return fail("MALFORMED", `${what} has no validity period`);
  const extensions = rest.find(({ tag }) => tag === 0xa3);
  return {
    der,
    subject: oneLine(node.subject),
    issuer: oneLine(node.issuer),
    subjectName: subject.raw,
    issuerName: issuer.raw,
    publicKey,
    notBefore: readTime(notBefore, what),
    notAfter: readTime(notAfter, what),
    signatureAlgorithm: readOid(readDer(outer.content, what)[0]?.content ?? new Uint8Array(), what),
    ...readExtensions(extensions, what),
    signedBy(issuerKey) {
      try {
        return node.verify(issuerKey);
      } catch {
        return false;
      }
    },
  };
}

/** Reads every certificate of a PEM text, in its order, or one in DER. @throws MALFORMED when there is none, LIMIT */
export function parseCertificates(bytes: Uint8Array, what = "certificate file"): Certificate[] {
  if (bytes[0] === 0x30) return [parseCertificate(bytes, what)];
  const text = Buffer.from(bytes).toString("latin1");
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g)];
  if (blocks.length === 0) fail("MALFORMED", `${what} holds no certificate in PEM form`);
  if (blocks.length > 64) fail("LIMIT", `${what} holds more than 64 certificates`);
  return blocks.map(([, base64], i) =>
    parseCertificate(
      new Uint8Array(Buffer.from(base64!, "base64")),
      blocks.length > 1 ? `${what}: certificate ${i + 1}` : what,
    ),
  );
}

type ExtensionFacts = Pick<
  Certificate,
  "authority" | "pathLength" | "keyUsage" | "extendedKeyUsage" | "identities" | "unprocessed"
>;

function readExtensions(wrapper: Der | undefined, what: string): ExtensionFacts {
  let authority: boolean | undefined;
  let pathLength: number | undefined;
  let keyUsage: Certificate["keyUsage"];
  let extendedKeyUsage: string[] | undefined;
  let identities: string[] = [];
  const unprocessed: string[] = [];
  const seen = new Set<string>();
  const list = wrapper ? readDer(readOne(wrapper.content, derTags.sequence, what).content, what) : [];
  for (const extension of list) {
    const parts = readDer(extension.content, what);
    const oid = readOid(parts[0]?.content ?? new Uint8Array(), what);
    const critical = parts[1]?.tag === derTags.boolean && parts[1].content[0] !== 0;
    const value = parts.at(-1);
    if (value?.tag !== derTags.octetString) return fail("MALFORMED", `${what} has a malformed extension ${oid}`);
    if (seen.has(oid)) return fail("MALFORMED", `${what} has the extension ${oid} twice`);
    seen.add(oid);
    if (oid === oids.basicConstraints) {
      const [first, second] = readDer(readOne(value.content, derTags.sequence, what).content, what);
      authority = first?.tag === derTags.boolean && first.content[0] !== 0;
      const length = first?.tag === derTags.integer ? first : second;
      if (length) pathLength = readSmall(length, what);
    } else if (oid === oids.keyUsage) {
      const bits = readOne(value.content, derTags.bitString, what).content;
      // Bit 0 is the most significant bit of the first octet after the count of unused bits (RFC 5280 §4.2.1.3).
      keyUsage = { digitalSignature: ((bits[1] ?? 0) & 0x80) !== 0, keyCertSign: ((bits[1] ?? 0) & 0x04) !== 0 };
    } else if (oid === oids.extendedKeyUsage) {
      const uses = readDer(readOne(value.content, derTags.sequence, what).content, what);
      extendedKeyUsage = uses.map(({ content }) => readOid(content, what));
    } else if (oid === oids.subjectAltName) {
      identities = readNames(readDer(readOne(value.content, derTags.sequence, what).content, what), what);
    } else if (critical || oid === oids.nameConstraints || oid === oids.policyConstraints) {
      // Name and policy constraints are meant to be critical; overlooking one would accept what the authority forbade.
      unprocessed.push(oid);
    }
  }
  return { authority, pathLength, keyUsage, extendedKeyUsage, identities, unprocessed };
}

function readSmall({ tag, content }: Der, what: string): number {
  if (tag !== derTags.integer || content.length !== 1 || content[0]! >= 0x80) {
    return fail("MALFORMED", `${what} has an unusable path length`);
  }
  return content[0]!;
}

/** GeneralNames as text: e-mail [1], DNS [2], URI [6], IP [7]; other kinds have no text and never match an identity. */
function readNames(names: readonly Der[], what: string): string[] {
  const texts: string[] = [];
  for (const { tag, content } of names) {
    if (tag === 0x81 || tag === 0x82 || tag === 0x86) texts.push(textOf(content, `${what}: alternative name`));
    if (tag === 0x87) texts.push(addressText(content));
  }
  return texts;
}

function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join(".");
  const groups: string[] = [];
  for (let i = 0; i + 1 < octets.length; i += 2) groups.push(((octets[i]! << 8) | octets[i + 1]!).toString(16));
  return groups.join(":");
}

function oneLine(name: string | undefined): string {
  return (name ?? "").split("\n").join(", ");
}
