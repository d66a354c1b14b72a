import type { Signer } from "../../core/ports.ts";
import { type Envelope, predicateTypeOf } from "../../core/statement.ts";
import { textOf } from "../../kit/bytes.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { fail } from "../../kit/errors.ts";
import { readConfig } from "../../formats/yaml/read.ts";
import { type DataOrigin, dataOriginSchema } from "../../gate/statement-schemas/data-origin.ts";
import { validatePredicate } from "../../gate/statement-schemas/validate.ts";
import { parseEnvelope, payloadOf } from "../../seal/dsse.ts";
import { parseStatement } from "../../seal/in-toto.ts";
import type { StatementRow, VersionRow } from "../../store/repository.ts";
import type { Home } from "../home/open.ts";
import { readDocument } from "./read-document.ts";

/** Where data comes from, as a file says it: bare facts, or a statement its collector signed. */
export interface OriginFile {
  readonly path: string;
  readonly facts: DataOrigin;
  readonly envelope?: Envelope | undefined;
}

/** Reads an origin file: facts in YAML or JSON, or a DSSE envelope with a data-origin statement. @throws CONFIG · MALFORMED */
export function readOrigin(path: string): OriginFile {
  const text = textOf(readDocument(path, "the origin file", 1024 * 1024), path);
  if (!text.trimStart().startsWith("{") || !text.includes('"payloadType"')) {
    const document = readConfig(dataOriginSchema, text, path);
    document.settle();
    return { path, facts: document.value };
  }
  const envelope = parseEnvelope(text, path);
  const { predicateType, predicate } = parseStatement(payloadOf(envelope));
  if (predicateType !== predicateTypeOf("data-origin"))
    fail("MALFORMED", { message: `This is a signed ${predicateType} statement, not a data-origin`, where: path });
  validatePredicate(predicateType, predicate);
  return { path, facts: predicate as unknown as DataOrigin, envelope };
}

/**
 * Puts an origin on record: the collector's own signed statement when the file holds one, else one signed by `signer`.
 * @throws SIGNATURE when nobody trusted here signed the file's statement · NOT_FOUND when it is about other bytes
 */
export async function recordOrigin(
  home: Home,
  version: VersionRow,
  origin: OriginFile,
  signer: () => Promise<Signer>,
): Promise<StatementRow> {
  const { tenant, digest } = version;
  if (origin.envelope) {
    return home.registry.attach({
      tenant,
      version: digest,
      envelope: origin.envelope,
      keys: home.trusted.map(({ publicKey }) => publicKey),
    });
  }
  const predicate = origin.facts as unknown as Json;
  return home.registry.declare({
    tenant,
    version: digest,
    predicateType: predicateTypeOf("data-origin"),
    predicate,
    signers: [await signer()],
  });
}
