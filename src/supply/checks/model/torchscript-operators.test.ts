import { expect, test } from "vitest";
import { referenceModel } from "../../../../test/support/reference-models.ts";
import { makeZip } from "../../../formats/zip/testing/make-zip.ts";
import { refine } from "../../../scan/readers/testing/refine.ts";
import torchscript from "../../../scan/readers/torchscript.ts";
import zip from "../../../scan/readers/zip.ts";
import operators from "./torchscript-operators.ts";

const archive = (body: string): Buffer =>
  makeZip([
    { name: "m/data.pkl", data: "N." },
    {
      name: "m/code/__torch__.py",
      data: `class M(Module):\n  def forward(self: __torch__.M,\n    x: Tensor) -> Tensor:\n${body}`,
      method: 8,
    },
  ]);

test("an operator that writes files is reported, compressed or not", async () => {
  const examined = await refine(zip, torchscript, archive('    torch.save(x, "/tmp/a")\n    return x\n'));
  expect(examined?.see(operators)).toMatchObject([{ severity: "high", key: "aten::save" }]);
});

test("a model that computes is not reported", async () => {
  const examined = await refine(zip, torchscript, archive("    return torch.add(x, 1)\n"));
  expect([examined?.see(operators), examined?.incomplete]).toEqual([[], []]);
});

test("real archives are not reported", async () => {
  for (const path of ["digits/fashion_cnn.torchscript.pt", "digits/fashion_cnn.traced.pt"]) {
    const bytes = referenceModel(path);
    if (!bytes) return;
    const examined = await refine(zip, torchscript, bytes);
    expect([examined?.certainty, examined?.see(operators), examined?.incomplete], path).toEqual(["certain", [], []]);
  }
});

test("a zip file without code is no TorchScript archive", async () => {
  expect(await refine(zip, torchscript, makeZip([{ name: "m/data.pkl", data: "N." }]))).toBeUndefined();
});
