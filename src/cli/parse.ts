import { Command as Parser, CommanderError, Option } from "commander";
import { fail } from "../kit/errors.ts";
import type { Command, Invocation } from "./command.ts";

export type ParsedCommandLine =
  | { readonly kind: "help"; readonly text: string }
  | ({ readonly kind: "run" } & Pick<Invocation, "args" | "options" | "json" | "quiet">);

/**
 * Reads what follows a command's name.
 * @throws USAGE for unknown options, missing or superfluous arguments
 */
export function parseCommandLine(command: Command, argv: readonly string[]): ParsedCommandLine {
  let output = "";
  const parser = new Parser(`castellan ${command.name}`)
    .description(command.details ? `${command.summary}\n\n${command.details}` : command.summary)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => (output += text),
      writeErr: (text) => (output += text),
      outputError: () => {},
    })
    .allowExcessArguments(false)
    .option("--json", "print one JSON document on standard output")
    .option("--quiet", "say only what was asked for");
  for (const argument of command.args ?? []) parser.argument(argument);
  for (const { flags, help, required, choices } of command.options ?? []) {
    const option = new Option(flags, help);
    if (required) option.makeOptionMandatory();
    if (choices) option.choices([...choices]);
    parser.addOption(option);
  }
  try {
    parser.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { kind: "help", text: output.trimEnd() };
    const message = error.message.replace(/^error: /, "");
    return fail("USAGE", { message, next: `See "castellan ${command.name} --help".` });
  }
  const options: Record<string, string | boolean | string[] | undefined> = parser.opts();
  return { kind: "run", args: parser.args, options, json: options["json"] === true, quiet: options["quiet"] === true };
}
