import type { ByteSource } from "../../core/byte-source.ts";
import { builtInCatalogue } from "./catalogue.ts";
import { ConstantReader, latin1 } from "./constant.ts";
import { cutTo, escaped } from "./describe.ts";
import { Effects } from "./effects.ts";
import { Machine } from "./machine.ts";
import type { RunEnd } from "./machine-port.ts";
import { Memo } from "./memo.ts";
import type { Opcode } from "./opcodes.ts";
import { opcodeOf } from "./opcodes.ts";
import { Values } from "./values.ts";
import { Window } from "./window.ts";

/** One opcode as it runs. */
export interface DisassembledOpcode {
  readonly offset: number;
  readonly opcode: string;
  /** Its argument, printable; absent for opcodes without one. */
  readonly argument?: string;
  /** What it finds or calls: "os.system", "os.system (\"id\",)". */
  readonly value?: string;
  /** For calls: how bad, and why. */
  readonly severity?: string;
  readonly reason?: string;
}

/** One pickle, opcode by opcode. */
export interface Disassembly {
  readonly start: number;
  readonly opcodes: readonly DisassembledOpcode[];
  /** True when there were more opcodes than asked for. */
  readonly cut: boolean;
  readonly end: RunEnd;
}

const textLimit = 160;

/**
 * The opcodes of the pickle that starts at `start`, in the order they run, each with its argument and, for those that find
 * or call something, with what that is. Runs as the examination does; at most `limit` opcodes are listed.
 */
export function disassemblePickle(source: ByteSource, start = 0, limit = 100_000): Disassembly {
  const places: number[] = [];
  const codes: number[] = [];
  const notes = new Map<number, { value: string; severity?: string; reason?: string }>();
  const window = new Window(source, "memory");
  const options = {
    strict: false,
    maxStack: 4_000_000,
    maxMarks: 2_000_000,
    maxOpcodes: limit,
    trace(offset: number, code: number) {
      if (places.length >= limit) return;
      places.push(offset);
      codes.push(code);
    },
  };
  const observer = {
    named(offset: number, name: string) {
      notes.set(offset, { value: escaped(name) });
    },
    called(offset: number, value: string, severity: string, reason: string) {
      notes.set(offset, { value, severity, reason });
    },
  };
  const judge = (machine: Machine): Effects =>
    new Effects(machine, builtInCatalogue, { joblib: true, values: new Values(300_000), observer });
  const end = new Machine(window, new Memo(4_000_000), options, judge).run(start);
  const constants = new ConstantReader(source);
  const opcodes = places.map((offset, i) => {
    const opcode = opcodeOf(codes[i]!);
    const argument = opcode === undefined ? undefined : argumentOf(source, constants, opcode, offset);
    return {
      offset,
      opcode: opcode?.name ?? `0x${codes[i]!.toString(16).padStart(2, "0")}`,
      ...(argument === undefined ? {} : { argument }),
      ...notes.get(offset),
    };
  });
  return { start, opcodes, cut: end.ended === "limit" && places.length >= limit, end };
}

function argumentOf(
  source: ByteSource,
  constants: ConstantReader,
  { argument, name }: Opcode,
  offset: number,
): string | undefined {
  const bytes = source.read(offset + 1, 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const has = (count: number): boolean => bytes.length >= count;
  switch (argument) {
    case "none":
      return undefined;
    case "uint1":
      return has(1) ? String(view.getUint8(0)) : "(cut off)";
    case "uint2":
      return has(2) ? String(view.getUint16(0, true)) : "(cut off)";
    case "int4":
      return has(4) ? String(view.getInt32(0, true)) : "(cut off)";
    case "uint4":
      return has(4) ? String(view.getUint32(0, true)) : "(cut off)";
    case "uint8":
      return has(8) ? String(view.getBigUint64(0, true)) : "(cut off)";
    case "float8":
      return has(8) ? String(view.getFloat64(0, false)) : "(cut off)";
    case "line":
      return shown(constants.line(offset + 1)?.slice(0, -1));
    case "two-lines": {
      const first = constants.line(offset + 1);
      const second = first === undefined ? undefined : constants.line(offset + 1 + first.length);
      return shown(second === undefined ? undefined : `${first!.slice(0, -1)} ${second.slice(0, -1)}`);
    }
    default: {
      if (name.startsWith("LONG")) return String(constants.integer(offset) ?? "(cut off)");
      const extent = constants.extent(offset);
      if (extent === undefined) return "(cut off)";
      const head = source.read(extent.start, Math.min(extent.length, textLimit));
      const text = name.includes("UNICODE")
        ? (constants.text(offset, textLimit) ?? Buffer.from(head).toString("utf8"))
        : latin1(head);
      const more = extent.length > textLimit ? ` … ${extent.length} bytes` : "";
      return `${name.includes("BYTES") || name === "BYTEARRAY8" ? "b" : ""}${escaped(JSON.stringify(text))}${more}`;
    }
  }
}

function shown(text: string | undefined): string {
  return text === undefined ? "(cut off)" : cutTo(escaped(text), textLimit);
}
