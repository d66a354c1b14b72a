import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { builtInCatalogue } from "./catalogue.ts";
import { Effects } from "./effects.ts";
import type { RunEnd } from "./machine-port.ts";
import { Machine } from "./machine.ts";
import { Memo } from "./memo.ts";
import { opcodes } from "./opcodes.ts";
import type { Part } from "./testing/assemble.ts";
import { assemble, op } from "./testing/assemble.ts";
import { Values } from "./values.ts";
import { Window } from "./window.ts";

function run(
  parts: readonly Part[],
  bounds: { maxStack?: number; maxMarks?: number; maxOpcodes?: number; memo?: number } = {},
): RunEnd {
  const options = { strict: false, maxStack: 10_000, maxMarks: 10_000, maxOpcodes: 1e9, ...bounds };
  const judge = (machine: Machine): Effects =>
    new Effects(machine, builtInCatalogue, { joblib: false, values: new Values(1000) });
  return new Machine(
    new Window(bytesSource(assemble(...parts)), "memory"),
    new Memo(bounds.memo ?? 1 << 20),
    options,
    judge,
  ).run(0);
}

const counter = op.global("collections", "Counter");
const u8 = (value: number): Part => [value, 0, 0, 0, 0, 0, 0, 0];

/** For each opcode: what must stand before it, how it is written, and what must follow so that one value is left. */
const uses: { readonly [name: string]: readonly [Part, Part, Part?] } = {
  MARK: [[], "(", op.tuple],
  STOP: ["N", []],
  POP: ["NN", "0"],
  POP_MARK: [["N", op.mark, "N"], "1"],
  DUP: ["N", "2", "0"],
  FLOAT: [[], "F1.5\n"],
  INT: [[], "I5\n"],
  BININT: [[], ["J", 1, 2, 3, 4]],
  BININT1: [[], "K\x05"],
  LONG: [[], "L5L\n"],
  BININT2: [[], "M\x01\x02"],
  NONE: [[], "N"],
  PERSID: [[], "Pid\n"],
  BINPERSID: ["N", "Q"],
  REDUCE: [[counter, ")"], "R"],
  STRING: [[], "S'a'\n"],
  BINSTRING: [[], "T\x01\0\0\0a"],
  SHORT_BINSTRING: [[], "U\x01a"],
  UNICODE: [[], "Va\n"],
  BINUNICODE: [[], "X\x01\0\0\0a"],
  APPEND: ["]N", "a"],
  BUILD: [[counter, ")R}"], "b"],
  GLOBAL: [[], "cos\nsep\n"],
  DICT: [[op.mark, "NN"], "d"],
  EMPTY_DICT: [[], "}"],
  APPENDS: ["](N", "e"],
  GET: ["Np1\n0", "g1\n"],
  BINGET: ["Nq\x010", "h\x01"],
  INST: [op.mark, "icollections\nCounter\n"],
  LONG_BINGET: ["Nq\x010", "j\x01\0\0\0"],
  LIST: ["(N", "l"],
  EMPTY_LIST: [[], "]"],
  OBJ: [[op.mark, counter], "o"],
  PUT: ["N", "p1\n"],
  BINPUT: ["N", "q\x01"],
  LONG_BINPUT: ["N", "r\x01\0\0\0"],
  SETITEM: ["}NN", "s"],
  TUPLE: ["(N", "t"],
  EMPTY_TUPLE: [[], ")"],
  SETITEMS: ["}(NN", "u"],
  BINFLOAT: [[], ["G", u8(0)]],
  PROTO: [[], "\x80\x04", "N"],
  NEWOBJ: [[counter, ")"], "\x81"],
  EXT1: [[], "\x82\x01"],
  EXT2: [[], "\x83\x01\0"],
  EXT4: [[], "\x84\x01\0\0\0"],
  TUPLE1: ["N", "\x85"],
  TUPLE2: ["NN", "\x86"],
  TUPLE3: ["NNN", "\x87"],
  NEWTRUE: [[], "\x88"],
  NEWFALSE: [[], "\x89"],
  LONG1: [[], "\x8a\x01\x05"],
  LONG4: [[], "\x8b\x01\0\0\0\x05"],
  BINBYTES: [[], "B\x01\0\0\0a"],
  SHORT_BINBYTES: [[], "C\x01a"],
  SHORT_BINUNICODE: [[], "\x8c\x01a"],
  BINUNICODE8: [[], ["\x8d", u8(1), "a"]],
  BINBYTES8: [[], ["\x8e", u8(1), "a"]],
  EMPTY_SET: [[], "\x8f"],
  ADDITEMS: ["\x8f(N", "\x90"],
  FROZENSET: ["(N", "\x91"],
  NEWOBJ_EX: [[counter, ")}"], "\x92"],
  STACK_GLOBAL: [[op.text("os"), op.text("sep")], "\x93"],
  MEMOIZE: ["N", "\x94"],
  FRAME: [[], ["\x95", u8(2)], "N"],
  BYTEARRAY8: [[], ["\x96", u8(1), "a"]],
  NEXT_BUFFER: [[], "\x97"],
  READONLY_BUFFER: ["C\x01a", "\x98"],
};

test("there is a use of every opcode here", () => {
  expect(Object.keys(uses).sort()).toEqual(opcodes.map(({ name }) => name).sort());
});

test.each(Object.entries(uses))("%s does its work and leaves one value", (_, [before, itself, after]) => {
  const end = run([before, itself, after ?? [], op.stop, "rest"]);
  expect(end).toEqual({ ended: "stop", end: end.at + 1, at: end.at, why: "" });
  // One value is left, no more: another POP leaves none for STOP.
  expect(run([before, itself, after ?? [], op.pop, op.stop]).ended).toBe("error");
});

test.each(Object.entries(uses).filter(([, [before]]) => assemble(before).length > 0))(
  "%s fails without what it needs",
  (name, [, itself]) => {
    const { ended } = run([itself, op.stop]);
    expect(ended, name).toBe("error");
  },
);

test.each(Object.entries(uses).filter(([, [, itself]]) => assemble(itself).length > 1))(
  "%s is cut off without its argument",
  (_, [before, itself]) => {
    const bytes = assemble(before, itself);
    expect(run([bytes.subarray(0, bytes.length - 1)]).ended).toBe("truncated");
  },
);

test("an opcode that does not exist ends loading where it stands", () => {
  expect(run(["N", 0xfe, op.stop])).toMatchObject({ ended: "error", at: 1, why: "invalid load key, 0xfe" });
});

test("bounds on stack, marks, memo and opcodes end the run, and say which it was", () => {
  const many = (text: string): Part => text.repeat(5000);
  expect(run([many("N"), op.stop], { maxStack: 1024 })).toMatchObject({
    ended: "limit",
    why: "more than 1024 values on the stack",
  });
  expect(run([many("("), op.stop], { maxMarks: 64 })).toMatchObject({ ended: "limit", why: "more than 64 open marks" });
  expect(run([many("NN0"), op.stop], { maxOpcodes: 100 })).toMatchObject({
    ended: "limit",
    why: "more than 100 opcodes",
  });
  const far = (index: number): Part => ["r", index & 255, (index >> 8) & 255, (index >> 16) & 255, 0];
  expect(run(["N", Array.from({ length: 4 }, (_, i) => far((i + 1) << 20))], { memo: 2 })).toMatchObject({
    ended: "limit",
    why: "too many memo entries",
  });
});

test("a mark fences off what lies below it", () => {
  for (const needs of ["0", "2", "a", "s", "b", "R", "\x85", "\x93", "q\x01", "."]) {
    expect(run(["NNN", op.mark, needs, op.stop]).ended === "stop", needs).toBe(needs === "0");
  }
});
