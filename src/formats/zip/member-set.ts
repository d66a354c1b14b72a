import { quoted } from "../container/anomaly.ts";
import { foldedName } from "../container/member-names.ts";
import type { ZipAnomaly, ZipMember } from "./archive.ts";

/** Names that occur twice, exactly or for readers that do not tell upper and lower case apart. */
export function* memberSetAnomalies(members: readonly ZipMember[]): Generator<ZipAnomaly, void, void> {
  const exact = new Map<string, ZipMember>();
  const folded = new Map<string, ZipMember>();
  for (const member of members) {
    // The second sight of one member is reported as a difference already.
    if (member.seenBy === "local header") continue;
    const key = foldedName(member.name);
    const same = exact.get(member.name);
    const alike = folded.get(key);
    const at = { offset: member.headerOffset, member: member.name };
    if (same && same.headerOffset !== member.headerOffset) {
      const equal = same.crc === member.crc && same.size === member.size;
      const why = `two members are called ${quoted(member.name)}${equal ? "" : ", with different contents"}`;
      yield { code: "duplicate-name", why, ...at };
    } else if (!same && alike && alike.kind !== "folder" && member.kind !== "folder") {
      const why = `${quoted(alike.name)} and ${quoted(member.name)} are one name to some readers`;
      yield { code: "duplicate-folded-name", why, ...at };
    }
    if (!same) exact.set(member.name, member);
    if (!alike) folded.set(key, member);
  }
}
