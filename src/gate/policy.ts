import { sha256Hex, utf8 } from "../kit/bytes.ts";
import type { Json } from "../kit/canonical-json.ts";
import { digestOfHex } from "../kit/digest.ts";
import type { Digest } from "../kit/digest.ts";
import { durationMs } from "../kit/duration.ts";
import { predicateTypeOf, shortNameOf } from "../core/statement.ts";
import { readConfig } from "../formats/yaml/read.ts";
import { checkPolicy } from "./check-policy.ts";
import { policySchema } from "./policy-schema.ts";
import type { PolicyFile, RequirementFile } from "./policy-schema.ts";
import type { AliasPolicy, Policy, Requirement } from "./policy-types.ts";
import { titleOf } from "./titles.ts";

/**
 * Reads a policy file (YAML or JSON).
 * @param where name of the file, for messages
 * @throws CONFIG naming file, line and column, and the nearest valid key for an unknown one; also for a policy that no
 *   version could ever pass. LIMIT when the file is too large.
 */
export function parsePolicy(text: string, where: string): Policy {
  const document = readConfig(policySchema, text, where);
  checkPolicy(document);
  document.settle();
  const file: PolicyFile = document.value;
  const signers = file.signers ?? {};
  const aliases = Object.entries(file.aliases).map(([alias, { require, licences, regions }]) => {
    const rule: AliasPolicy = {
      require: require.map((item, index) => complete(item, index, Object.keys(signers))),
      licences,
      regions,
    };
    return [alias, rule] as const;
  });
  return { version: 1, name: file.name, description: file.description, signers, aliases: Object.fromEntries(aliases) };
}

/** The digest a verdict names a policy by: SHA-256 of the file's UTF-8 text. */
export function policyDigest(text: string): Digest {
  return digestOfHex(sha256Hex(utf8(text)));
}

function complete(item: RequirementFile, index: number, everySigner: readonly string[]): Requirement {
  const predicateType = predicateTypeOf(item.statement);
  const requirement = {
    id: item.id ?? `require[${index}]`,
    why: item.why,
    statement: shortNameOf(predicateType),
    predicateType,
    of: item.of ?? "self",
    signedBy: item.signedBy ?? everySigner,
    maxAge: item.maxAge === undefined ? undefined : { text: item.maxAge, ms: durationMs(item.maxAge) },
    condition: item.at === undefined || !item.op ? undefined : { at: item.at, op: item.op, value: item.value as Json },
    matchesInputs: item.matchesInputs === true,
    sources: item.sources,
    licences: item.licences,
    regions: item.regions,
    blockAt: item.findings?.blockAt,
  };
  return { ...requirement, title: item.title ?? titleOf(requirement) };
}
