import type { ZipMember } from "../zip/archive.ts";

/** A pickle of a PyTorch archive and the folder its storages lie in, both relative to the archive's own folder. */
export interface PickleWithStorages {
  readonly pickle: string;
  readonly folder: string;
}

/** The pickle that `torch.save` writes since 1.6. */
export const statePickle: PickleWithStorages = { pickle: "data.pkl", folder: "data" };
/** The second one, with storages of its own, that TorchScript archives have. */
export const constantsPickle: PickleWithStorages = { pickle: "constants.pkl", folder: "constants" };

/** The archive's folder, as torch::PyTorchStreamReader finds it; undefined when the first member lies in none. */
export function archivePrefix(members: readonly ZipMember[]): string | undefined {
  const first = members.find(({ seenBy }) => seenBy === "directory")?.name;
  const slash = first?.indexOf("/") ?? -1;
  return slash > 0 ? first!.slice(0, slash) : undefined;
}

/** Members by name as torch looks them up: without regard to case (miniz' default). */
export function findRecord(members: readonly ZipMember[], name: string): ZipMember[] {
  const wanted = name.toLowerCase();
  return members.filter((member) => member.name.toLowerCase() === wanted);
}
