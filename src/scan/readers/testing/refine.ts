import { bytesSource } from "../../../core/byte-source.ts";
import type { AssetKind } from "../../asset-kinds.ts";
import type { AssetCheck } from "../../check.ts";
import { probeOf } from "../../probe.ts";
import type { ByteReader, Member, Probe, Refiner } from "../../reader.ts";
import { testBudget } from "./examine.ts";
import type { Examined } from "./examine.ts";

/** Reads the content with `base` and what comes of it with `refiner`, as the engine would; undefined when the refiner does not recognise it. */
export async function refine<Kind extends AssetKind, Base extends AssetKind, Parser, BaseParser>(
  base: ByteReader<Base, BaseParser>,
  refiner: Refiner<Kind, Base, Parser>,
  content: Uint8Array | string,
  name = "file",
): Promise<Examined<Kind> | undefined> {
  const source = bytesSource(typeof content === "string" ? Buffer.from(content) : content);
  const probe = probeOf(source, name);
  const read = base.read(probe, testBudget(), (await base.load?.()) as BaseParser);
  const refined: Probe<Base> = { ...probe, base: read.structure };
  const certainty = refiner.recognise(refined);
  if (certainty === "no") return undefined;
  const { structure, incomplete } = refiner.read(refined, testBudget(), (await refiner.load?.()) as Parser);
  const members: readonly Member[] = [...(refiner.members?.(structure, refined) ?? [])];
  return {
    certainty,
    structure,
    incomplete: [...read.incomplete, ...incomplete],
    members,
    see: (check: AssetCheck<Kind>) =>
      [...check.see({ kind: check.asks, path: name, name, source, structure, depth: 0 })].map((observation) => ({
        severity: check.severity,
        ...observation,
      })),
  };
}
