import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unmetered } from "../reading/meter.ts";
import { examineTorchscript } from "./examine.ts";

const keys = (text: string): string[] =>
  examineTorchscript(text, unmetered).concerns.map(({ severity, key }) => `${severity} ${key}`);
const gaps = (text: string): number => examineTorchscript(text, unmetered).gaps.length;

describe("operators that reach outside are found", () => {
  test.each([
    ["called", 'torch.save(x, "/tmp/a")', ["high aten::save"]],
    ["by their full name", 'ops.aten.save(x, "/tmp/a")', ["high aten::save"]],
    ["kept in a variable", '_0 = torch.save\n_0(x, "a")', ["high aten::save"]],
    ["on a tensor", '(x).save("/tmp/a", )', ["high aten::save"]],
    ["on the tensor of a field", 'self.w.save("a")', ["high aten::save"]],
    ["with space and comments between", "torch . # hi\n save(x)", ["high aten::save"]],
    ["with a line continued", "torch\\\n.from_file(x)", ["high aten::from_file"]],
    ["of other machines", "ops.prim.rpc_async(x)", ["high prim::rpc_async"]],
    ["of Python", "ops.prim.PythonOp(x)", ["high prim::PythonOp"]],
    ["of torchvision's files", 'ops.image.read_file("/etc/passwd")', ["high image::read_file"]],
    ["of libraries not known", "ops.mylib.go(x)", ["medium mylib::go"]],
  ] as [string, string, string[]][])("%s", (_, text, expected) => {
    expect(keys(text)).toEqual(expected);
  });
});

test("what cannot be followed is a gap", () => {
  expect([
    gaps("t = torch\nt.add(1)"),
    gaps("t = ops"),
    gaps('getattr(x, "sa" + "ve")'),
    gaps("unheard_of(x)"),
  ]).toEqual([1, 1, 1, 1]);
});

test("ordinary code has neither", () => {
  const text = `
def dropout(input: Tensor, p: float=0.5) -> Tensor:
  _1 = "torch.save(x) is only a text {}"  # and ops.evil.go() a comment
  _0 = __torch__.torch.nn.functional.relu
  if torch.lt(p, 0.):
    ops.prim.RaiseException(torch.format(_1, p), "builtins.ValueError")
  else:
    pass
  x = annotate(List[int], [])
  for i in range(3):
    _4 = torch.append(x, i)
  return (_0)(torch.dropout(input, p, True), )
class save(Module):
  load : Tensor
`;
  expect([keys(text), gaps(text)]).toEqual([[], 0]);
});

test("any text is examined to its end", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      examineTorchscript(text, unmetered);
    }),
  );
  examineTorchscript("'\\".repeat(100_000), unmetered);
  examineTorchscript(
    `${"'".repeat(50_000)}${'"""'.repeat(30_000)}${"a.".repeat(50_000)}${"\\\n".repeat(50_000)}`,
    unmetered,
  );
});
