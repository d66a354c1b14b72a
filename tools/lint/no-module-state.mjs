import { sourcePath } from "./source-path.mjs";

const containers = /^(Map|Set|WeakMap|WeakSet|Array)$/;

/** No mutable state at module level: two callers in one process must not share what neither asked for. */
export default {
  create(context) {
    const { room, test } = sourcePath(context.filename);
    if (!room || test) return {};
    return {
      Program(program) {
        for (const statement of program.body) {
          const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
          if (declaration?.type !== "VariableDeclaration") continue;
          for (const { id, init } of declaration.declarations) {
            const empty =
              init?.type === "NewExpression" && containers.test(init.callee.name ?? "") && init.arguments.length === 0;
            if (declaration.kind !== "const" || empty) {
              context.report({
                node: declaration,
                message: `${id.name} is mutable state of the module: pass it in or return it from a function`,
              });
            }
          }
        }
      },
    };
  },
};
