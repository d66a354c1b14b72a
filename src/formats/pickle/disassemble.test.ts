import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { disassemblePickle } from "./disassemble.ts";
import { assemble, op } from "./testing/assemble.ts";
import { realPickles } from "./testing/real-pickles.ts";

const lines = (bytes: Uint8Array): string[] =>
  disassemblePickle(bytesSource(bytes)).opcodes.map(({ opcode, argument, value }) =>
    [opcode, argument, value].filter((part) => part !== undefined).join(" "),
  );

test("every opcode is shown with its argument and every call with what it resolves to", () => {
  const bytes = assemble(op.proto(4), op.named("os", "system"), op.text("id"), op.tuple1, op.reduce, op.stop);
  expect(lines(bytes)).toEqual([
    "PROTO 4",
    'SHORT_BINUNICODE "os"',
    'SHORT_BINUNICODE "system"',
    "STACK_GLOBAL os.system",
    'SHORT_BINUNICODE "id"',
    "TUPLE1",
    'REDUCE os.system ("id",)',
    "STOP",
  ]);
});

test("arguments of every form are written out", () => {
  const bytes = assemble(
    "I10\n",
    "F1.5\n",
    "S'a'\n",
    "Vb\n",
    "L5L\n",
    ["M", 1, 2],
    ["J", 0xff, 0xff, 0xff, 0xff],
    ["G", 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
    [0x8a, 1, 7],
    op.bytes(Uint8Array.of(1, 255)),
    "p3\n",
    op.get(3),
    op.stop,
  );
  expect(lines(bytes)).toEqual([
    "INT 10",
    "FLOAT 1.5",
    "STRING 'a'",
    "UNICODE b",
    "LONG 5L",
    "BININT2 513",
    "BININT -1",
    "BINFLOAT 1",
    "LONG1 7",
    'BINBYTES b"\\u{1}ÿ"'.replace("\\u{1}", "\\u0001"),
    "PUT 3",
    "BINGET 3",
    "STOP",
  ]);
});

test("letters that could fool a terminal are escaped", () => {
  expect(lines(assemble(op.text("a\u202eb\u001b[31m"), op.stop))[0]).toBe('SHORT_BINUNICODE "a\\u{202e}b\\u001b[31m"');
});

test("a long pickle is cut where asked", () => {
  const { opcodes, cut } = disassemblePickle(bytesSource(assemble(Array<string>(50).fill("N"), op.stop)), 0, 10);
  expect([opcodes.length, cut]).toEqual([10, true]);
});

test("no bytes at all make it fail", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(...realPickles)),
      fc.nat(60),
      (bytes, at) => {
        disassemblePickle(bytesSource(bytes), at);
      },
    ),
  );
});
