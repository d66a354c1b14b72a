import { archivePrefix, findRecord, statePickle } from "../../formats/torch-container/records.ts";
import type { TorchLayout } from "../../formats/torch-container/zip-layout.ts";
import { refiner } from "../reader.ts";
import { zipMembers } from "../zip-members.ts";
import type { ZipFile } from "../zip-members.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    torch: TorchFile;
  }
}

/** A PyTorch archive: the zip file, and which of its members are tensors. */
export interface TorchFile extends TorchLayout {
  readonly zip: ZipFile;
}

/**
 * What torch.save and torch.jit.save write. Storages that a pickle names with their exact size are data; everything else is examined.
 */
export default refiner({
  kind: "torch",
  title: "PyTorch archive",
  family: "model",
  extensions: [".pt", ".pth", ".bin", ".ckpt", ".pt2", ".mar"],
  refines: "zip",
  recognise({ base: { members } }) {
    const prefix = archivePrefix(members);
    if (prefix === undefined) return "no";
    return findRecord(members, `${prefix}/${statePickle.pickle}`).length > 0 ? "certain" : "no";
  },
  load: () => import("../../formats/torch-container/zip-layout.ts"),
  read({ base, source }, budget, { torchLayout }) {
    const expired = (): boolean => {
      budget.tick();
      return false;
    };
    const layout = torchLayout(source, base.members, expired);
    return { structure: { ...layout, zip: base }, incomplete: layout.incomplete };
  },
  *members({ zip, storages }, { source }) {
    for (const member of zipMembers(zip, source)) {
      const data = member.headerOffset === undefined ? undefined : storages.get(member.headerOffset);
      yield data === undefined ? member : { ...member, data };
    }
  },
});
