import { sourcePath } from "./source-path.mjs";

/** Product code throws CastellanError through fail(): bare Errors have no code, no place and no advice. */
export default {
  create(context) {
    const { room, test } = sourcePath(context.filename);
    if (!room || test) return {};
    return {
      ThrowStatement(node) {
        const thrown = node.argument;
        if (
          thrown?.type === "NewExpression" &&
          /^(Error|TypeError|RangeError|SyntaxError)$/.test(thrown.callee.name ?? "")
        ) {
          context.report({
            node,
            message: `throw ${thrown.callee.name} has no error code: use fail(code, { message, where, next })`,
          });
        }
      },
    };
  },
};
