import type { Body } from "./ast.ts";
import type { Value } from "./values.ts";

/** The macros a template declares, at any depth. */
export function macrosIn(body: Body): (Value["callee"] & { kind: "macro" })[] {
  return body.flatMap((statement) => {
    switch (statement.kind) {
      case "macro": {
        const { name, parameters, body } = statement;
        return [{ kind: "macro" as const, name, parameters, body }, ...macrosIn(body)];
      }
      case "if":
        return [...statement.branches.flatMap(({ body }) => macrosIn(body)), ...macrosIn(statement.otherwise)];
      case "for":
        return [...macrosIn(statement.body), ...macrosIn(statement.otherwise)];
      case "capture":
      case "call-block":
      case "filter-block":
      case "with":
      case "scope":
        return macrosIn(statement.body);
      default:
        return [];
    }
  });
}
