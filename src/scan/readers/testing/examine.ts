import { bytesSource } from "../../../core/byte-source.ts";
import type { ByteSource } from "../../../core/byte-source.ts";
import type { Observation } from "../../../core/check.ts";
import { fail } from "../../../kit/errors.ts";
import type { AssetKind, AssetStructures, Certainty } from "../../asset-kinds.ts";
import { defaultLimits } from "../../budget.ts";
import type { ReadBudget } from "../../budget.ts";
import type { AssetCheck } from "../../check.ts";
import { probeOf } from "../../probe.ts";
import type { ByteReader, Gap, Member } from "../../reader.ts";

/** A budget that counts what is held and refuses more than the scan's default. */
export function testBudget(): ReadBudget {
  let held = 0;
  return {
    limits: defaultLimits,
    tick: () => undefined,
    hold(bytes) {
      held += bytes;
      if (held > defaultLimits.memoryBytes) fail("LIMIT", "The parser holds more than memoryBytes");
    },
  };
}

/** What one reader says about some bytes. */
export interface Examined<Kind extends AssetKind> {
  readonly certainty: Certainty;
  readonly structure: AssetStructures[Kind];
  readonly incomplete: readonly Gap[];
  readonly members: readonly Member[];
  /** What the check observes in it. */
  see(check: AssetCheck<Kind>): readonly Observation[];
}

/** Recognises, reads and unpacks the content as the engine would. */
export async function examine<Kind extends AssetKind, Parser>(
  reader: ByteReader<Kind, Parser>,
  content: Uint8Array | ByteSource,
  name = "file",
): Promise<Examined<Kind>> {
  const source = content instanceof Uint8Array ? bytesSource(content) : content;
  const probe = probeOf(source, name);
  const parser = (await reader.load?.()) as Parser;
  const { structure, incomplete } = reader.read(probe, testBudget(), parser);
  const members = [...(reader.members?.(structure, probe) ?? [])];
  return {
    certainty: reader.recognise(probe),
    structure,
    incomplete,
    members,
    see: (check) =>
      [...check.see({ kind: check.asks, path: name, name, source, structure, depth: 0 })].map((observation) => ({
        severity: check.severity,
        ...observation,
      })),
  };
}

/** The text of a member that is stored as it is. */
export function memberText(member: Member | undefined): string {
  if (!member || typeof member.content === "function") return "";
  return Buffer.from(member.content.read(0, member.content.size)).toString("utf8");
}
