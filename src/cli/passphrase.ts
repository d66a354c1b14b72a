import { fail } from "../kit/errors.ts";
import { readArgument } from "./read-argument.ts";

const maxPassphrase = 4096;

/** The pass phrase in a file: its first line. @throws USAGE when there is no such file or the line is empty */
export function passphraseFromFile(path: string): string {
  const text = Buffer.from(readArgument(path, "the pass phrase file", maxPassphrase)).toString("utf8");
  const line = text.split(/\r?\n/, 1)[0]!;
  return line === "" ? fail("USAGE", { message: "the pass phrase file is empty", where: path }) : line;
}

/** True when a person sits at the terminal and can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks for a pass phrase on the terminal without showing it.
 * @throws USAGE when the person gives up with Ctrl-C or Ctrl-D
 */
export async function askPassphrase(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(`${question}: `);
  stdin.setRawMode(true);
  const typed: string[] = [];
  try {
    for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
      for (const key of String(chunk)) {
        if (key === "\r" || key === "\n") return typed.join("");
        if (key === "\u0003" || key === "\u0004") return fail("USAGE", "no pass phrase was given");
        if (key === "\u007f" || key === "\b") typed.pop();
        else if (key >= " " && typed.length < maxPassphrase) typed.push(key);
      }
    }
    return fail("USAGE", "no pass phrase was given");
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}
