/** The numbers of the weaknesses among a finding's references: "cwe:502" → "502". */
export function cweOf(refs: readonly string[]): readonly string[] {
  return refs.flatMap((ref) => /^cwe:(\d+)$/.exec(ref)?.[1] ?? []);
}

/** Tags of a finding: "security", its weaknesses as code hosts expect them, and its other references as they are. */
export function tagsOf(refs: readonly string[]): readonly string[] {
  const weaknesses = cweOf(refs).flatMap((id) => [`external/cwe/cwe-${id.padStart(3, "0")}`, `CWE-${id}`]);
  const others = refs.filter((ref) => !ref.startsWith("cwe:") && !ref.startsWith("https:"));
  return [...new Set(["security", ...weaknesses, ...others])];
}

/** Where a reference is explained; undefined when we know no address. */
export function addressOf(ref: string): string | undefined {
  const [, scheme = "", id = ""] = /^([a-z-]+):(.+)$/.exec(ref) ?? [];
  if (scheme === "https") return ref;
  if (scheme === "cwe") return `https://cwe.mitre.org/data/definitions/${id}.html`;
  if (scheme === "cve") return `https://nvd.nist.gov/vuln/detail/${id}`;
  if (scheme === "ghsa") return `https://github.com/advisories/${id}`;
  if (scheme === "atlas")
    return `https://atlas.mitre.org/${id.startsWith("AML.M") ? "mitigations" : "techniques"}/${id}`;
  return undefined;
}
