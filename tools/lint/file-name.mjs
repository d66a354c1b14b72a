import { sourcePath } from "./source-path.mjs";

const vague = /(^|\/)(utils?|helpers?|misc|common|managers?|stuff|tools)(s?)(\.[a-z.]+$|\/)/i;

/** Names say what lives there. */
export default {
  create(context) {
    const { path, room } = sourcePath(context.filename);
    return {
      Program(node) {
        if (room && vague.test(path.slice(path.lastIndexOf("/src/") + 1))) {
          context.report({ node, message: "this name does not say what lives here" });
        }
      },
    };
  },
};
