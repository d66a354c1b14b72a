import { ioError } from "../app/home/durable-file.ts";
import { exitCodes, isCastellanError } from "../kit/errors.ts";
import { commandIndex } from "./commands.gen.ts";
import { errorDocument, errorLines } from "./error-lines.ts";
import { findCommand, overview, unknownCommand } from "./overview.ts";
import { parseCommandLine } from "./parse.ts";
import { castellanVersion } from "./version.ts";
import { type Terminal, terminalFor } from "./terminal.ts";

/**
 * Runs one command line and ends the process with its exit code (see the CLI contract in ARCHITECTURE.md).
 * With `--json`, standard output carries exactly one JSON document, also when the command fails.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const terminal = terminalFor(process, argv);
  const code = await run(argv, terminal);
  await terminal.close();
  process.exit(code);
}

async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const words = argv.filter((word) => !word.startsWith("-"));
  if (argv.includes("--version") && words.length === 0) {
    terminal.print(castellanVersion());
    return exitCodes.clean;
  }
  const match = findCommand(argv, commandIndex);
  if (!match) {
    const asksForHelp = words.length === 0 || words[0] === "help";
    for (const line of asksForHelp ? overview(commandIndex, castellanVersion()) : unknownCommand(argv, commandIndex)) {
      if (asksForHelp) terminal.print(line);
      else terminal.error(line);
    }
    return asksForHelp && argv.length > 0 ? exitCodes.clean : exitCodes.usage;
  }
  try {
    const { default: command } = await match.entry.load();
    const parsed = parseCommandLine(command, match.rest);
    if (parsed.kind === "help") {
      terminal.print(parsed.text);
      return exitCodes.clean;
    }
    return await command.run({ ...parsed, ...terminal.invocation() });
  } catch (thrown) {
    const error = inOurTerms(thrown);
    for (const line of errorLines(error, terminal.colour)) terminal.error(line);
    const { document, exitCode } = errorDocument(error);
    if (!terminal.emitted) terminal.emit(document);
    return exitCode;
  }
}

/** What the operating system refused is nobody's defect: it is told like any other error, with the path it was about. */
function inOurTerms(error: unknown): unknown {
  const { syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  return syscall === undefined || isCastellanError(error) ? error : ioError(error, path ?? syscall);
}
