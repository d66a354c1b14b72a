import type { ExitCode } from "../kit/errors.ts";
import type { Json } from "../kit/canonical-json.ts";
import type { Progress } from "../kit/progress.ts";

/** An option: `--name <placeholder>` takes a value, `--name` alone is a switch. */
export interface OptionSpec {
  /** As commander reads it: "--key <file>", "--input <ref...>", "--demo". */
  readonly flags: string;
  readonly help: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
}

/** What a command gets from the command line and its surroundings. */
export interface Invocation {
  readonly args: readonly string[];
  /** Option values by camel-cased long name; a repeatable one is always an array. */
  readonly options: { readonly [name: string]: string | boolean | readonly string[] | undefined };
  readonly json: boolean;
  readonly quiet: boolean;
  /** True when standard output is a terminal and NO_COLOR is not set. */
  readonly colour: boolean;
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly stdin: AsyncIterable<Uint8Array>;
  /** A line for people on standard output (suppressed by --json). */
  print(line: string): void;
  /** A line for people on standard error (suppressed by --quiet). */
  note(line: string): void;
  /** The command's one JSON document on standard output (only with --json). */
  emit(document: Json): void;
  readonly progress: Progress;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** One command, one file; the list of commands is generated from the folder. */
export interface Command {
  /** Words on the command line, e.g. "ledger verify". */
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** Longer help: what it does, examples, exit codes worth knowing. */
  readonly details?: string;
  /** Positional arguments as commander reads them: "<path>", "[ref]", "<path...>". */
  readonly args?: readonly string[];
  readonly options?: readonly OptionSpec[];
  run(call: Invocation): Promise<ExitCode>;
}

/** Marks a module's default export as a command (types only; returns its argument). */
export function command(definition: Command): Command {
  return definition;
}
