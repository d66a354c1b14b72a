import type { Flaw } from "../reading/flaw.ts";
import { leavesFolder } from "../reading/outside-path.ts";

/** A tensor whose bytes lie in another file. */
export interface ExternalReference {
  readonly tensor: string;
  readonly entries: readonly { readonly key: string; readonly value: string }[];
  /** Where the tensor stands in the model. */
  readonly offset: number;
  /** Bytes the tensor needs, when its type and shape say so. */
  readonly needed: bigint | undefined;
}

const knownKeys = new Set(["location", "offset", "length", "checksum", "basepath"]);

/**
 * What is wrong with where a tensor says its bytes lie. The specification demands a path below the model's folder; loaders that
 * trusted it read any file (CVE-2022-25882, CVE-2024-27318), and savers wrote any (CVE-2025-51480).
 */
export function judgeExternal(reference: ExternalReference): readonly Flaw[] {
  const { entries, offset, needed } = reference;
  const tensor = JSON.stringify(reference.tensor.slice(0, 80));
  const flaws: Flaw[] = [];
  const wrong = (rule: string, why: string, severity: Flaw["severity"] = "high"): void => {
    flaws.push({ rule: `external-${rule}`, severity, why, offset });
  };
  const counts = new Map<string, number>();
  for (const { key } of entries) counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const [key, count] of counts) {
    const shown = JSON.stringify(key.slice(0, 60));
    if (count > 1)
      wrong("duplicate", `tensor ${tensor} states ${shown} ${count} times, and readers differ in which one they take`);
    if (!knownKeys.has(key)) {
      wrong(
        "key",
        `tensor ${tensor} sets ${shown} in its external data; loaders that copy such keys let a model set their own fields`,
        key.startsWith("_") ? "high" : "medium",
      );
    }
  }
  const locations = entries.filter(({ key }) => key === "location").map(({ value }) => value);
  if (locations.length === 0)
    wrong("location", `tensor ${tensor} lies in another file, but says not in which`, "medium");
  for (const location of locations) {
    const shown = JSON.stringify(location.slice(0, 200));
    if (location.includes("_ORT_MEM_ADDR_")) {
      wrong("memory", `tensor ${tensor} names memory of the process instead of a file: ${shown}`);
      continue;
    }
    const why = leavesFolder(location);
    if (why) wrong("path", `tensor ${tensor} is read from ${shown}: ${why}`);
    else if (location.includes("\\"))
      wrong(
        "path",
        `tensor ${tensor} is read from ${shown}, whose backslashes are folders on one system only`,
        "medium",
      );
  }
  for (const { key, value } of entries) {
    if (key === "basepath") {
      wrong(
        "path",
        `tensor ${tensor} states a base path of its own: ${JSON.stringify(value.slice(0, 200))}`,
        leavesFolder(value) ? "high" : "medium",
      );
    }
    if (key !== "offset" && key !== "length") continue;
    if (!/^[0-9]{1,19}$/.test(value) || BigInt(value) > 2n ** 63n - 1n) {
      wrong("number", `tensor ${tensor} states the ${key} ${JSON.stringify(value.slice(0, 60))}, which is no size`);
    } else if (key === "length" && needed !== undefined && BigInt(value) !== needed) {
      wrong("length", `tensor ${tensor} needs ${needed} bytes, but states that ${value} are stored`);
    }
  }
  return flaws;
}
