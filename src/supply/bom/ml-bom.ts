import type { AssetKind, ManifestFile } from "../../core/asset.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { type Digest, hexOfDigest } from "../../kit/digest.ts";

/** A registered version as the bill of materials shows it. */
export interface BomAsset {
  readonly kind: AssetKind;
  readonly name: string;
  readonly digest: Digest;
  readonly files: readonly ManifestFile[];
  /** SPDX licence id, or free text. */
  readonly licence?: string | undefined;
  readonly origin?: string | undefined;
  readonly inputs: readonly Digest[];
}

/** The part of a model card that is known when the bill is written. */
export interface BomModelCard {
  readonly task?: string | undefined;
  readonly architecture?: string | undefined;
  readonly considerations?:
    | { readonly useCases?: readonly string[]; readonly limitations?: readonly string[] }
    | undefined;
}

const spdxForm = /^[A-Za-z0-9.+-]+$/;

/**
 * A CycloneDX 1.7 machine-learning bill of materials: the model as the subject, its data and base models as components,
 * who was made from what as dependencies. Deterministic: the serial number derives from the model's digest.
 * https://cyclonedx.org/docs/1.7/json/
 * @param knownLicences SPDX ids that may be written as ids; others go in as names
 */
export function mlBom(
  model: BomAsset,
  ancestors: readonly BomAsset[],
  parts: {
    readonly timestamp: string;
    readonly toolVersion: string;
    readonly card?: BomModelCard;
    readonly knownLicences: ReadonlySet<string>;
  },
): Json {
  const all = [model, ...ancestors];
  const known = new Set(all.map((asset) => asset.digest));
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.7.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.7",
    serialNumber: serialNumber(model.digest),
    version: 1,
    metadata: {
      timestamp: parts.timestamp,
      tools: { components: [{ type: "application", name: "castellan", version: parts.toolVersion }] },
      component: component(model, parts),
    },
    components: ancestors.map((asset) => component(asset, parts)),
    dependencies: all.map((asset) => ({
      ref: refOf(asset.digest),
      dependsOn: [...new Set(asset.inputs)].filter((input) => known.has(input)).map(refOf),
    })),
  };
}

function component(asset: BomAsset, parts: { card?: BomModelCard; knownLicences: ReadonlySet<string> }): Json {
  return {
    type: asset.kind === "model" ? "machine-learning-model" : "data",
    "bom-ref": refOf(asset.digest),
    name: asset.name,
    version: asset.digest,
    hashes: [{ alg: "SHA-256", content: hexOfDigest(asset.digest) }],
    licenses: asset.licence ? [licence(asset.licence, parts.knownLicences)] : undefined,
    externalReferences:
      asset.origin && URL.canParse(asset.origin) ? [{ type: "distribution", url: asset.origin }] : undefined,
    components: asset.files.map((file) => ({
      type: "file",
      "bom-ref": `${refOf(asset.digest)}#${file.path}`,
      name: file.path,
      hashes: [{ alg: "SHA-256", content: hexOfDigest(file.digest) }],
    })),
    modelCard: asset.kind === "model" && parts.card ? modelCard(parts.card) : undefined,
    data: asset.kind === "model" ? undefined : [{ type: "dataset", name: asset.name }],
  };
}

function modelCard(card: BomModelCard): Json {
  const { useCases, limitations } = card.considerations ?? {};
  return {
    modelParameters: { task: card.task, modelArchitecture: card.architecture },
    considerations: useCases || limitations ? { useCases, technicalLimitations: limitations } : undefined,
  };
}

function licence(text: string, known: ReadonlySet<string>): Json {
  return { license: spdxForm.test(text) && known.has(text) ? { id: text } : { name: text } };
}

const refOf = (digest: Digest): string => `urn:castellan:version:${digest}`;

/** A UUID made from the first 128 bits of the digest (RFC 9562 version 8: vendor-specific). */
function serialNumber(digest: Digest): string {
  const hex = hexOfDigest(digest);
  const variant = "89ab"[Number.parseInt(hex[16]!, 16) & 3]!;
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
