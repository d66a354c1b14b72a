import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { textOf } from "../../kit/bytes.ts";
import type { Infer, JsonSchema } from "../../formats/schema/json-schema.ts";
import { readConfig } from "../../formats/yaml/read.ts";
import type { Publisher, PublisherPolicy } from "../../registry/publisher.ts";
import { parsePublicKey } from "../../seal/keys.ts";
import { parseCertificates } from "../../seal/x509/certificate.ts";
import { ioError } from "../home/durable-file.ts";
import { readDocument } from "./read-document.ts";

const text = { type: "string", minLength: 1, maxLength: 2000 } as const;
const texts = { type: "array", items: text, minItems: 1, maxItems: 100 } as const;

/** The trusted-publisher policy as its file says it. */
const publishersSchema = {
  title: "Trusted publishers",
  description: "Who may publish pretrained models that are imported, and from where.",
  type: "object",
  additionalProperties: false,
  required: ["publishers"],
  properties: {
    publishers: {
      type: "array",
      minItems: 1,
      maxItems: 1000,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["name", "sources"],
        properties: {
          name: text,
          keys: { ...texts, description: "Files with its public keys (PEM), relative to this file." },
          roots: { ...texts, description: "Files with certificate authorities its certificates lead to." },
          identity: { ...text, description: "Subject alternative name its certificates must carry, exactly." },
          sources: { ...texts, description: "URLs it publishes at; * stands for anything but /, ** for anything." },
        },
      },
    },
  },
} as const satisfies JsonSchema;

type PublishersFile = Infer<typeof publishersSchema>;

/** Reads a trusted-publisher policy. @throws CONFIG naming line and column · NOT_FOUND, MALFORMED naming the key file */
export function readPublishers(path: string): PublisherPolicy {
  const document = readConfig(
    publishersSchema,
    textOf(readDocument(path, "the publishers file", 1024 * 1024), path),
    path,
  );
  document.settle();
  const file: PublishersFile = document.value;
  const read = (name: string): Uint8Array => {
    try {
      return readFileSync(resolve(dirname(path), name));
    } catch (error) {
      throw ioError(error, name);
    }
  };
  return {
    publishers: file.publishers.map(({ name, keys = [], roots = [], identity, sources }): Publisher => {
      return {
        name,
        sources,
        keys: keys.map((key) => parsePublicKey(read(key), key)),
        roots: roots.flatMap((root) => parseCertificates(read(root), root)),
        ...(identity === undefined ? {} : { identity }),
      };
    }),
  };
}
