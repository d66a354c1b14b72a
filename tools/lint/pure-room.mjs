import { impureModules, pureRooms } from "../../layers.mjs";
import { sourcePath } from "./source-path.mjs";

const impure = new Set(impureModules);
const clockReads = new Set([
  "Date.now",
  "performance.now",
  "Math.random",
  "process.env",
  "process.cwd",
  "process.exit",
  "process.argv",
]);

/** Pure rooms touch no file, socket, clock or environment: bytes, time and ports are passed in. */
export default {
  create(context) {
    const { room, test } = sourcePath(context.filename);
    if (!room || test || !pureRooms.includes(room)) return {};
    return {
      ImportDeclaration(node) {
        const name = node.source.value.replace(/^node:/, "");
        if (impure.has(name))
          context.report({ node, message: `room ${room} is pure: it may not import ${name}; take a port instead` });
      },
      MemberExpression(node) {
        const name = `${node.object.name}.${node.property.name}`;
        if (clockReads.has(name))
          context.report({ node, message: `room ${room} is pure: ${name} is passed in by the caller` });
      },
      NewExpression(node) {
        if (node.callee.name === "Date" && node.arguments.length === 0) {
          context.report({ node, message: `room ${room} is pure: the present time is passed in by the caller` });
        }
      },
    };
  },
};
