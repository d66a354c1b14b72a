import type { TorchscriptSource } from "../../formats/torchscript/examine.ts";
import { zipContent } from "../../formats/zip/content.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { refiner } from "../reader.ts";
import type { Gap } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    torchscript: TorchscriptArchive;
  }
}

/** A TorchScript archive: its source files, by member, with what they call. */
export interface TorchscriptArchive {
  readonly sources: readonly (TorchscriptSource & { readonly member: string })[];
}

const code = /(?:^|\/)code\/.*\.py$/;
const mostBytes = 16 * 1024 * 1024;

/** TorchScript archives (torch.jit.save): a PyTorch zip with code. Its pickles are members, examined as pickles. */
export default refiner({
  kind: "torchscript",
  title: "TorchScript archive",
  family: "model",
  extensions: [".pt", ".pth", ".ptl", ".torchscript"],
  refines: "zip",
  recognise({ base }) {
    const has = (pattern: RegExp): boolean => base.members.some(({ name }) => pattern.test(name));
    return has(code) && has(/(?:^|\/)(?:data|constants)\.pkl$/) ? "certain" : "no";
  },
  load: () => import("../../formats/torchscript/examine.ts"),
  read({ base, source }, budget, { examineTorchscript }) {
    const sources: (TorchscriptSource & { member: string })[] = [];
    const incomplete: Gap[] = [];
    for (const member of base.members) {
      if (!code.test(member.name) || member.kind !== "file") continue;
      const named = JSON.stringify(member.name.slice(0, 200));
      try {
        const content = zipContent(source, member);
        const pieces: Uint8Array[] = [];
        let size = 0;
        for (const piece of typeof content === "function" ? content() : [content.read(0, mostBytes + 1)]) {
          budget.hold(2 * piece.length);
          size += piece.length;
          if (size > mostBytes) break;
          pieces.push(piece);
        }
        if (size > mostBytes) incomplete.push({ why: `the code in ${named} is longer than ${mostBytes} bytes` });
        const examined = examineTorchscript(Buffer.concat(pieces).toString("utf8"), budget);
        budget.hold(-2 * size);
        sources.push({ ...examined, member: member.name });
        for (const { why } of examined.gaps) incomplete.push({ why: `${named}: ${why}` });
      } catch (error) {
        if (!isCastellanError(error, "MALFORMED", "UNSUPPORTED", "INTEGRITY")) throw error;
        incomplete.push({ why: `the code in ${named} cannot be read: ${error.message}` });
      }
    }
    return { structure: { sources }, incomplete };
  },
});
