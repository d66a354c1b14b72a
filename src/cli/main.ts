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
    const version = castellanVersion();
    terminal.print(version);
    terminal.emit({ version });
    return exitCodes.clean;
  }
  const match = findCommand(argv, commandIndex);
  if (!match) return noCommand(argv, words, terminal);
  try {
    const { default: command } = await match.entry.load();
    const parsed = parseCommandLine(command, match.rest);
    if (parsed.kind === "help") {
      terminal.print(parsed.text);
      terminal.emit({ help: parsed.text });
      return exitCodes.clean;
    }
    return await command.run(terminal.invocation(parsed));
  } catch (thrown) {
    const error = inOurTerms(thrown);
    for (const line of errorLines(error, terminal.colour)) terminal.error(line);
    const { document, exitCode } = errorDocument(error);
    if (!terminal.emitted) terminal.emit(document);
    return exitCode;
  }
}

/** Help for who asks for it or says nothing; for everybody else what is wrong with the command's name. */
function noCommand(argv: readonly string[], words: readonly string[], terminal: Terminal): number {
  const asksForHelp = words.length === 0 || words[0] === "help";
  if (asksForHelp) {
    const lines = overview(commandIndex, castellanVersion());
    for (const line of lines) terminal.print(line);
    terminal.emit({ help: lines.join("\n") });
    return argv.length > 0 ? exitCodes.clean : exitCodes.usage;
  }
  const [message = "", ...next] = unknownCommand(argv, commandIndex);
  for (const line of [message, ...next]) terminal.error(line);
  terminal.emit({ error: { code: "USAGE", message, next: next.map((line) => line.trim()).join("\n") } });
  return exitCodes.usage;
}

/** What the operating system refused is nobody's defect: it is told like any other error, with the path it was about. */
function inOurTerms(error: unknown): unknown {
  const { syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  return syscall === undefined || isCastellanError(error) ? error : ioError(error, path ?? syscall);
}
