import { styleText } from "node:util";
import type { Json } from "../kit/canonical-json.ts";
import { type ExitCode, exitCodes, isCastellanError } from "../kit/errors.ts";

/** An error as a person reads it: what happened, where, what to do next. Defects of ours come with their stack. */
export function errorLines(error: unknown, colour: boolean): string[] {
  const paint = (text: string): string => (colour ? styleText("red", text, { validateStream: false }) : text);
  if (isCastellanError(error)) {
    const lines = [`${paint("error")} ${error.code}: ${error.message}`];
    if (error.where) lines.push(`  where: ${error.where}`);
    if (error.next) lines.push(`  next:  ${error.next}`);
    return lines;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `${paint("error")} INTERNAL: this is a defect of castellan, not of your input.`,
    detail,
    "  next:  Please report it with the lines above.",
  ];
}

/** The same error for machines, and the exit code it leads to. */
export function errorDocument(error: unknown): { document: Json; exitCode: ExitCode } {
  if (isCastellanError(error)) {
    const { code, message, where, next } = error;
    return { document: { error: { code, message, where, next } }, exitCode: error.exitCode };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { document: { error: { code: "INTERNAL", message } }, exitCode: exitCodes.internal };
}
