import { nearest } from "../kit/nearest.ts";
import type { Command } from "./command.ts";

/** A command as the generated list knows it: loaded only when it is run. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ readonly default: Command }>;
}

/** The entry whose words open `argv` (the longest wins), and what follows them. Options may stand before the words. */
export function findCommand(
  argv: readonly string[],
  index: readonly CommandEntry[],
): { entry: CommandEntry; rest: string[] } | undefined {
  const leading = argv.findIndex((word) => !word.startsWith("-"));
  if (leading < 0) return undefined;
  const words = argv.slice(leading);
  let best: CommandEntry | undefined;
  for (const entry of index) {
    const name = entry.name.split(" ");
    if (name.every((word, place) => words[place] === word) && name.length > (best?.name.split(" ").length ?? 0))
      best = entry;
  }
  if (!best) return undefined;
  return { entry: best, rest: [...argv.slice(0, leading), ...words.slice(best.name.split(" ").length)] };
}

/** The text of `castellan --help`. */
export function overview(index: readonly CommandEntry[], version: string): string[] {
  const width = Math.max(...index.map((entry) => entry.name.length));
  return [
    `castellan ${version}: nothing serves without proof`,
    "",
    "usage: castellan <command> [options]",
    "",
    ...index.map((entry) => `  ${entry.name.padEnd(width)}  ${entry.summary}`),
    "",
    "Every command has --help, --json (one document on standard output) and --quiet.",
    "exit codes: 0 done and clean, 1 findings or a refusal, 2 wrong usage, 3 could not decide completely, 4 internal error",
    "start here: castellan up --demo",
  ];
}

/** What to say to a command nobody knows. */
export function unknownCommand(argv: readonly string[], index: readonly CommandEntry[]): string[] {
  const words = argv.filter((word) => !word.startsWith("-"));
  const group = index.filter((entry) => entry.name.split(" ")[0] === words[0]);
  if (group.length > 0) {
    return [
      `"${words[0]}" needs one more word:`,
      ...group.map((entry) => `  castellan ${entry.name}  ${entry.summary}`),
    ];
  }
  const guess =
    nearest(
      words.slice(0, 2).join(" "),
      index.map((entry) => entry.name),
    ) ??
    nearest(
      words[0] ?? "",
      index.map((entry) => entry.name),
    );
  const lines = [`castellan has no command "${words[0] ?? argv[0]}".`];
  lines.push(guess ? `Did you mean "castellan ${guess}"?` : 'Run "castellan --help" for the list.');
  return lines;
}
