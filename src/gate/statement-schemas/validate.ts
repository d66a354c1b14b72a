import type { Json } from "../../kit/canonical-json.ts";
import { fail } from "../../kit/errors.ts";
import { shortNameOf } from "../../core/statement.ts";
import { checkSchema } from "../../formats/schema/check.ts";
import { pointerOf } from "../../formats/schema/path.ts";
import { statementSchema } from "./all.ts";

/**
 * Holds a predicate to the schema published for its type, on making and on reading it: unknown fields are refused, so that
 * nothing stands in a signed statement that its readers ignore. Types without a published schema of ours pass unchecked.
 * @param type short name or predicate type
 * @throws MALFORMED naming the statement, and the field by JSON Pointer
 */
export function validatePredicate(type: string, predicate: Json): void {
  const schema = statementSchema(type);
  if (!schema) return;
  const [issue] = checkSchema(schema, predicate);
  if (!issue) return;
  const pointer = pointerOf(issue.path);
  fail("MALFORMED", {
    message: `the ${shortNameOf(type)} statement cannot be used: ${pointer || "its predicate"} ${issue.problem}`,
    where: pointer,
    next: issue.next,
  });
}
