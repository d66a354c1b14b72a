import type { Finding } from "../../core/finding.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { cweOf, tagsOf } from "./cwe.ts";
import { levels } from "./rule.ts";

/** A finding as SARIF's result. @param places index of each rule */
export function resultOf(
  finding: Finding,
  places: ReadonlyMap<string, number>,
  baselineState: "new" | "unchanged" | undefined,
): { readonly [key: string]: Json } {
  const { id, severity, path, why, evidence, refs, fix, fingerprint } = finding;
  const cwes = cweOf(refs);
  return {
    ruleId: id,
    ruleIndex: places.get(id) ?? -1,
    level: levels[severity],
    kind: "fail",
    message: { text: evidence === undefined ? why : `${why}\n${evidence}` },
    locations: [locationOf(finding)],
    partialFingerprints: { "castellanFinding/v1": fingerprint },
    ...(baselineState ? { baselineState } : {}),
    ...(cwes.length > 0 ? { taxa: cwes.map((cwe) => ({ id: cwe, toolComponent: { name: "CWE", index: 0 } })) } : {}),
    properties: {
      tags: [...tagsOf(refs)],
      ...(cwes.length > 0 ? { cwe: cwes.map((cwe) => `CWE-${cwe}`) } : {}),
      severity,
      path,
      fix,
    },
  };
}

/**
 * Where a finding is. What lies inside a container is located at the container, the file a reader can open; the place inside is
 * a logical location.
 */
export function locationOf({ path, range }: Pick<Finding, "path" | "range">): { readonly [key: string]: Json } {
  const inside = path.indexOf("!");
  const file = inside < 0 ? path : path.slice(0, inside);
  const region = inside < 0 ? regionOf(range) : undefined;
  return {
    physicalLocation: {
      artifactLocation: artifactLocation(file),
      ...(region ? { region } : {}),
    },
    ...(inside < 0
      ? {}
      : {
          logicalLocations: [{ fullyQualifiedName: path, name: path.slice(path.lastIndexOf("!") + 1), kind: "member" }],
          ...(range?.offset === undefined ? {} : { properties: { offsetInMember: range.offset } }),
        }),
  };
}

/** A path as a relative reference (RFC 3986) below the root, or as a file URI when it is absolute. */
export function artifactLocation(path: string): { readonly [key: string]: Json } {
  const drive = /^[A-Za-z]:[\\/]/.test(path);
  const names = (drive ? path.replaceAll("\\", "/") : path).split("/");
  const encoded = names.map(encodeName).join("/");
  if (drive) return { uri: `file:///${encoded.replace("%3A", ":")}` };
  if (path.startsWith("/")) return { uri: `file://${encoded}` };
  return { uri: encoded === "" ? "." : encoded, uriBaseId: "SRCROOT" };
}

/** A lone surrogate cannot be percent-encoded; it becomes U+FFFD. */
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}

function regionOf(range: Finding["range"]): { readonly [key: string]: Json } | undefined {
  if (!range) return undefined;
  const { offset, length, ...text } = range;
  const region = {
    ...(text.startLine === undefined ? {} : text),
    ...(offset === undefined ? {} : { byteOffset: offset }),
    ...(offset === undefined || length === undefined ? {} : { byteLength: length }),
  };
  return Object.keys(region).length === 0 ? undefined : region;
}
