import { fail } from "../kit/errors.ts";
import type { Invocation } from "./command.ts";

/** The value of an option that takes one; undefined when it was not given. */
export function textOption(call: Pick<Invocation, "options">, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === "string" ? value : undefined;
}

/** The values of a repeatable option; none when it was not given. */
export function listOption(call: Pick<Invocation, "options">, name: string): readonly string[] {
  const value = call.options[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** The value of an option that takes a whole number. @throws USAGE */
export function countOption(call: Pick<Invocation, "options">, name: string): number | undefined {
  const value = textOption(call, name);
  if (value === undefined) return undefined;
  return /^\d{1,9}$/.test(value)
    ? Number(value)
    : fail("USAGE", `--${name} takes a whole number, not "${value.slice(0, 40)}"`);
}
