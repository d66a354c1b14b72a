import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { examinePickle } from "./examine.ts";
import type { Part } from "./testing/assemble.ts";
import { assemble, op } from "./testing/assemble.ts";
import { callableEvasions } from "./testing/callable-evasions.ts";
import { opcodeEvasions } from "./testing/opcode-evasions.ts";

const system = op.global("os", "system");

test.each(Object.entries({ ...opcodeEvasions, ...callableEvasions }))("%s is unsafe", (_, parts) => {
  const { verdict, incomplete } = examinePickle(bytesSource(assemble(...parts)));
  expect(verdict, JSON.stringify(incomplete)).toBe("unsafe");
});

/** Not shown to run anything, and not known to be harmless either: never safe. */
const doubtful: { readonly [what: string]: readonly Part[] } = {
  "a function that is only referred to": [op.emptyList, system, op.append, op.stop],
  "a module that is only imported": [op.global("antigravity", "x"), op.stop],
  "an instance of an unknown class": [
    op.proto(2),
    op.global("mine", "Model"),
    op.emptyTuple,
    op.newobj,
    op.emptyDict,
    op.build,
    op.stop,
  ],
  "bytes behind the end": [op.proto(2), op.none, op.stop, "abc"],
  "no STOP at all": [op.proto(2), op.none],
  "an unknown opcode": [op.proto(2), op.none, 0xff],
  nothing: [],
  "an object whose keys are a method that deletes a file": [
    op.global("collections", "OrderedDict"),
    op.global("argparse", "Namespace"),
    op.emptyTuple,
    op.newobj,
    op.emptyDict,
    op.text("keys"),
    op.global("builtins", "getattr"),
    op.global("pathlib", "Path"),
    op.text("x"),
    op.tuple1,
    op.reduce,
    op.text("unlink"),
    op.tuple2,
    op.reduce,
    op.setitem,
    op.build,
    op.tuple1,
    op.reduce,
    op.stop,
  ],
  "an iterator that calls a method": [
    op.global("builtins", "list"),
    op.global("builtins", "iter"),
    op.global("builtins", "getattr"),
    op.global("pathlib", "Path"),
    op.text("x"),
    op.tuple1,
    op.reduce,
    op.text("unlink"),
    op.tuple2,
    op.reduce,
    op.none,
    op.tuple2,
    op.reduce,
    op.tuple1,
    op.reduce,
    op.stop,
  ],
  "a nested archive": [
    op.global("torch.storage", "_load_from_bytes"),
    op.bytes(Buffer.from("PK\x03\x04")),
    op.tuple1,
    op.reduce,
    op.stop,
  ],
};

test.each(Object.entries(doubtful))("%s is not called safe", (_, parts) => {
  expect(examinePickle(bytesSource(assemble(...parts))).verdict).not.toBe("safe");
});
