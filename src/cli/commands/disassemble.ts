import { resolve } from "node:path";
import { openFileSource } from "../../app/scan/file-source.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { disassemblePickle } from "../../formats/pickle/disassemble.ts";
import type { DisassembledOpcode } from "../../formats/pickle/disassemble.ts";
import { examinePickle } from "../../formats/pickle/examine.ts";
import { recognisePickle } from "../../formats/pickle/recognise.ts";
import { command } from "../command.ts";

const defaultLimit = 100_000;

export default command({
  name: "disassemble",
  summary: "show a pickle's opcodes and what each of them would call, without loading it",
  details: [
    "Prints every opcode in the order it would run: its place, its argument, and for those that import or call something what",
    "that is, with castellan's judgement. All pickles in the file are shown, those behind the first one too.",
    "",
    "  castellan disassemble model.pkl",
    "  castellan disassemble model.pkl --calls",
    "",
    "Exit codes: 0 known to be harmless, 1 unsafe, 3 not to be called either.",
  ].join("\n"),
  args: ["<file>"],
  options: [
    { flags: "--calls", help: "only what is imported and called" },
    { flags: "--limit <n>", help: `show at most this many opcodes of each pickle (default ${defaultLimit})` },
  ],
  async run(call) {
    const file = resolve(call.cwd, call.args[0]!);
    const limit = limitFrom(call.options["limit"]);
    const source = openFileSource(file);
    try {
      if (recognisePickle(source) === "no") {
        fail("MALFORMED", {
          message: "This is no pickle",
          where: call.args[0],
          next: "Name a pickle file. For containers, castellan scan examines the pickles inside; extract one to see its opcodes.",
        });
      }
      const examination = examinePickle(source);
      const pickles = starts(examination.streams).map((start) => disassemblePickle(source, start, limit));
      for (const { start, opcodes, cut, end } of pickles) {
        call.print(`pickle at ${start}`);
        for (const opcode of opcodes) {
          if (call.options["calls"] !== true || opcode.value !== undefined) call.print(lineOf(opcode));
        }
        if (cut) call.print(`  … more than ${limit} opcodes; see --limit`);
        else if (end.ended !== "stop") call.print(`  ends at ${end.at}: ${end.why}`);
      }
      for (const { start, end, why } of examination.unaccounted) call.print(`bytes ${start} to ${end}: ${why}`);
      call.note(`${call.args[0]}: ${examination.verdict}`);
      const { verdict, unaccounted } = examination;
      call.emit({ file: call.args[0]!, verdict, pickles, unaccounted } as unknown as Json);
      return verdict === "safe" ? exitCodes.clean : verdict === "unsafe" ? exitCodes.refused : exitCodes.undecided;
    } finally {
      source.close();
    }
  },
});

function limitFrom(option: unknown): number {
  if (option === undefined) return defaultLimit;
  const limit = Number(option);
  if (Number.isSafeInteger(limit) && limit > 0 && limit <= 10_000_000) return limit;
  return fail("USAGE", "--limit takes a number of opcodes from 1 to 10000000");
}

function starts(streams: readonly { readonly start: number }[]): readonly number[] {
  return [...new Set(streams.map(({ start }) => start))].sort((a, b) => a - b);
}

function lineOf({ offset, opcode, argument, value, severity, reason }: DisassembledOpcode): string {
  const head = `${String(offset).padStart(9)}  ${opcode.padEnd(16)} ${argument ?? ""}`.trimEnd();
  if (value === undefined) return head;
  const judged =
    severity === undefined ? "" : severity === "none" ? "  harmless" : `  ${severity.toUpperCase()}: ${reason}`;
  return `${head.padEnd(60)}  → ${value}${judged}`;
}
