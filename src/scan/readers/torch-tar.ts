import { sliceSource } from "../../core/byte-source.ts";
import type { ByteSource } from "../../core/byte-source.ts";
import type { TarMember } from "../../formats/tar/archive.ts";
import type { TarPart } from "../../formats/torch-container/tar-layout.ts";
import { leftoverMembers } from "../leftovers.ts";
import { refiner } from "../reader.ts";
import type { Gap } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    "torch-tar": TorchTar;
  }
}

/** A file of torch before 0.1.10: the parts of its two members that mix pickles and raw data. */
export interface TorchTar {
  readonly files: readonly {
    readonly member: TarMember;
    readonly source: ByteSource;
    readonly parts: readonly TarPart[] | undefined;
  }[];
}

const mixed = ["storages", "tensors"] as const;

/** PyTorch's first format, a tar file, which torch.load still reads. */
export default refiner({
  kind: "torch-tar",
  title: "PyTorch tar file (before 0.1.10)",
  family: "model",
  extensions: [".pt", ".pth", ".t7", ".tar"],
  refines: "tar",
  recognise: ({ base: { members } }) =>
    ["pickle", ...mixed].every((name) => members.some((member) => member.name === name)) ? "certain" : "no",
  load: () => import("../../formats/torch-container/tar-layout.ts"),
  read({ base, source }, budget, { tarParts }) {
    const incomplete: Gap[] = [];
    const files = base.members
      .filter(({ kind, packedSize, sparse }) => kind === "file" && packedSize > 0 && sparse === undefined)
      .map((member) => {
        const bytes = sliceSource(source, member.dataOffset, member.dataOffset + member.packedSize);
        const name = mixed.find((name) => name === member.name);
        if (!name) return { member, source: bytes, parts: undefined };
        const found = tarParts(bytes, name, () => budget.tick());
        for (const gap of found.incomplete) incomplete.push({ ...gap, offset: member.dataOffset + (gap.offset ?? 0) });
        const end = found.parts.at(-1)?.end ?? 0;
        // What could not be told apart is examined as a file.
        const rest: TarPart[] = end < bytes.size ? [{ start: end, end: bytes.size, kind: "pickle" }] : [];
        return { member, source: bytes, parts: [...found.parts, ...rest] };
      });
    if (base.members.some(({ sparse }) => sparse !== undefined))
      incomplete.push({ why: "a member is stored as a sparse file" });
    return { structure: { files }, incomplete };
  },
  *members({ files }, { base, source }) {
    for (const { member, source: bytes, parts } of files) {
      if (!parts) {
        yield { name: member.name, content: bytes };
        continue;
      }
      for (const { start, end, kind } of parts) {
        const content = sliceSource(bytes, start, end);
        const data = { data: "raw data that torch copies into a tensor" };
        yield {
          name: `${member.name}/${start}.${kind === "pickle" ? "pkl" : "bin"}`,
          content,
          ...(kind === "data" ? data : {}),
        };
      }
    }
    yield* leftoverMembers(base.leftovers, (start, end) => sliceSource(source, start, end));
  },
});
