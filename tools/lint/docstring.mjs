import { sourcePath } from "./source-path.mjs";

/** Exported functions say what they promise: a block comment stands right before each of them. */
export default {
  create(context) {
    const { room, test } = sourcePath(context.filename);
    if (!room || test) return {};
    return {
      ExportNamedDeclaration(node) {
        if (node.declaration?.type !== "FunctionDeclaration") return;
        const comments = context.sourceCode.getCommentsBefore(node);
        if (comments.at(-1)?.type !== "Block" || !comments.at(-1).value.startsWith("*")) {
          context.report({
            node: node.declaration.id ?? node,
            message: `exported function ${node.declaration.id?.name} has no docstring: say what it promises`,
          });
        }
      },
    };
  },
};
