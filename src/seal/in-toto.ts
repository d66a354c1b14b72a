import type { Statement, Subject } from "../core/statement.ts";
import { utf8 } from "../kit/bytes.ts";
import type { Json } from "../kit/canonical-json.ts";
import { canonicalJson } from "../kit/canonical-json.ts";
import { fail } from "../kit/errors.ts";
import { jsonArray, jsonObject, jsonString, parseJson } from "../kit/json.ts";

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const statementType = "https://in-toto.io/Statement/v1";

/** https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md */
export const statementPayloadType = "application/vnd.in-toto+json";

/** A statement about `subjects`. @throws MALFORMED when a subject has no digest or there is none */
export function makeStatement(predicateType: string, predicate: Json, subjects: readonly Subject[]): Statement {
  const statement: Statement = { _type: statementType, subject: subjects, predicateType, predicate };
  checkSubjects(subjects);
  return statement;
}

/** The bytes that get signed: canonical JSON (RFC 8785), so that equal statements have equal bytes. */
export function encodeStatement(statement: Statement): Uint8Array {
  const { _type, subject, predicateType, predicate } = statement;
  return utf8(
    canonicalJson({
      _type,
      subject: subject.map(({ name, digest }) => ({ name, digest })),
      predicateType,
      predicate,
    }),
  );
}

/**
 * Reads an in-toto Statement v1. Unknown members of the statement are passed over; an absent predicate is `{}`.
 * @throws MALFORMED, LIMIT; UNSUPPORTED for another statement version
 */
export function parseStatement(bytes: Uint8Array | string, what = "statement"): Statement {
  const object = jsonObject(parseJson(bytes, what), what);
  const type = jsonString(object["_type"], `${what}: _type`);
  if (type !== statementType) {
    fail("UNSUPPORTED", `${what} is of type "${type.slice(0, 100)}", not ${statementType}`);
  }
  const subject = jsonArray(object["subject"], `${what}: subject`).map((entry, index): Subject => {
    const { name, digest } = jsonObject(entry, `${what}: subject ${index}`);
    const digests = jsonObject(digest, `${what}: subject ${index}: digest`);
    for (const [algorithm, value] of Object.entries(digests)) {
      jsonString(value, `${what}: subject ${index}: digest ${algorithm}`);
    }
    // The name may be left out (in-toto ResourceDescriptor); the digest is what identifies.
    return {
      name: jsonString(name ?? "", `${what}: subject ${index}: name`),
      digest: digests as { readonly [algorithm: string]: string },
    };
  });
  checkSubjects(subject);
  const predicateType = jsonString(object["predicateType"], `${what}: predicateType`);
  if (predicateType === "") fail("MALFORMED", `${what}: predicateType is empty`);
  return { _type: statementType, subject, predicateType, predicate: object["predicate"] ?? {} };
}

function checkSubjects(subjects: readonly Subject[]): void {
  if (subjects.length === 0) fail("MALFORMED", "a statement must be about at least one subject");
  for (const { name, digest } of subjects) {
    const values = Object.values(digest);
    if (values.length === 0) fail("MALFORMED", `subject "${name}" has no digest`);
    // in-toto: hexadecimal for cryptographic digests; a few registered kinds (gitCommit, dirHash) also fit this.
    if (values.some((value) => value === "")) fail("MALFORMED", `subject "${name}" has an empty digest`);
  }
}
