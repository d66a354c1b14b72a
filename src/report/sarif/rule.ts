import type { Finding, Severity } from "../../core/finding.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { addressOf, cweOf, tagsOf } from "./cwe.ts";

/** SARIF levels; the exact severity is in `security-severity`, which code hosts sort by. */
export const levels: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
  info: "note",
};

/** Points on the scale of CVSS in the middle of each severity's range. */
const points: Readonly<Record<Severity, string>> = {
  critical: "9.5",
  high: "8.0",
  medium: "5.5",
  low: "2.0",
  info: "0.0",
};

/** A check as SARIF's reportingDescriptor, taken from one of its findings. */
export function ruleOf({ id, title, severity, refs, fix }: Finding): { readonly [key: string]: Json } {
  const helpUri = refs.map(addressOf).find((address) => address !== undefined);
  return {
    id,
    name: id
      .split(/[^a-z0-9]+/)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(""),
    shortDescription: { text: title },
    fullDescription: { text: `${title}. ${fix}` },
    help: { text: fix },
    ...(helpUri === undefined ? {} : { helpUri }),
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: [...tagsOf(refs)], precision: "high", "security-severity": points[severity] },
    ...(cweOf(refs).length > 0
      ? {
          relationships: cweOf(refs).map((cwe) => ({
            target: { id: cwe, toolComponent: { name: "CWE", index: 0 } },
            kinds: ["superset"],
          })),
        }
      : {}),
  };
}
