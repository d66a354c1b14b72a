import { bytesSource, sliceSource } from "../../core/byte-source.ts";
import type { PickleExamination } from "../../formats/pickle/examination.ts";
import { recognisePickle } from "../../formats/pickle/recognise.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    pickle: PickleExamination;
  }
}

/** Python pickles, bare or as joblib and older PyTorch write them; archives that one loads in its turn are handed on. */
export default reader({
  kind: "pickle",
  title: "Python pickle",
  family: "model",
  extensions: [
    ".pkl",
    ".pickle",
    ".p",
    ".joblib",
    ".jbl",
    ".pt",
    ".pth",
    ".bin",
    ".ckpt",
    ".dat",
    ".data",
    ".sav",
    ".model",
  ],
  runsCode: true,
  recognise: ({ source }) => recognisePickle(source),
  load: () => import("../../formats/pickle/examine.ts"),
  read({ source, head }, budget, { examinePickle }) {
    const structure = examinePickle(source, {
      // What was found before time ran out is to be reported: it is what loading would have run first.
      expired() {
        try {
          budget.tick();
          return false;
        } catch (error) {
          if (isCastellanError(error, "LIMIT")) return true;
          throw error;
        }
      },
    });
    const [first] = structure.streams;
    const empty = first !== undefined && first.ended !== "stop" && first.calls.length === 0;
    // Any text begins with some opcode; without a signature, one that calls nothing and breaks off is no pickle.
    if (empty && head[0] !== 0x80) fail("MALFORMED", `This is no pickle: ${first.why}`);
    return { structure, incomplete: structure.incomplete.filter(({ archive }) => !archive).map(gapOf) };
  },
  *members({ nested }, { source }) {
    for (const { start, end, bytes, examination } of nested) {
      const content = bytes === undefined ? sliceSource(source, start, end) : bytesSource(bytes);
      if (!examination) yield { name: `bytes-at-${start}`, content };
    }
  },
});

function gapOf({ why, offset, length }: PickleExamination["incomplete"][number]) {
  return { why, ...(offset === undefined ? {} : { offset }), ...(length === undefined ? {} : { length }) };
}
