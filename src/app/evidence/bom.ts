import type { Json } from "../../kit/canonical-json.ts";
import type { VersionRow } from "../../store/repository.ts";
import { type BomAsset, mlBom } from "../../supply/bom/ml-bom.ts";
import { commonLicences } from "../../supply/bom/spdx.ts";

/** The CycloneDX document of a version and everything it was made from. */
export function bomFor(
  version: VersionRow,
  ancestors: readonly VersionRow[],
  parts: { timestamp: string; toolVersion: string },
): Json {
  const asset = (row: VersionRow): BomAsset => ({
    kind: row.kind,
    name: row.name,
    digest: row.digest,
    files: row.manifest.files,
    licence: row.licence,
    origin: row.origin,
    inputs: row.inputs.map(({ digest }) => digest),
  });
  return JSON.parse(
    JSON.stringify(mlBom(asset(version), ancestors.map(asset), { ...parts, knownLicences: commonLicences })),
  ) as Json;
}
