import { sourcePath } from "./source-path.mjs";

const limit = 400;

/** No file is longer than 400 lines: one idea per file. */
export default {
  create(context) {
    if (sourcePath(context.filename).generated) return {};
    return {
      "Program:exit"(node) {
        const lines = context.sourceCode.text.split("\n").length;
        if (lines > limit + 1)
          context.report({
            node,
            message: `${lines} lines; the limit is ${limit}: this file holds more than one idea`,
          });
      },
    };
  },
};
