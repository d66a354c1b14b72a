import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { scanFindings } from "../../gate/findings.ts";
import { validatePredicate } from "../../gate/statement-schemas/validate.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { scanModel } from "./scan-model.ts";
import { modelScanPredicate, scanVersionFiles } from "./scan-version.ts";

/** Header of a safetensors file with one tensor of two float32. */
function safetensors(header = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'): Uint8Array {
  const bytes = Buffer.alloc(8 + header.length + 8);
  bytes.writeBigUInt64LE(BigInt(header.length), 0);
  bytes.write(header, 8);
  return bytes;
}

const unknown = new Uint8Array([1, 0, 2, 9, 0xff]);

test("a scan for the record has the published form, and the gate understands it", async () => {
  const safe = await scanVersionFiles([{ path: "m.safetensors", source: bytesSource(safetensors()) }]);
  expect(safe.files).toMatchObject([{ path: "m.safetensors", verdict: "safe" }]);
  const predicate = modelScanPredicate(safe);
  validatePredicate("model-scan", predicate);
  expect(predicate).toMatchObject({ verdict: "safe", summary: { critical: 0, incomplete: 0, files: 1, models: 1 } });
  expect(scanFindings(predicate as unknown as Json, "high").outcome).toBe("pass");
});

test("a version with a file nobody knows is never called safe", async () => {
  const report = await scanVersionFiles([{ path: "m.weights", source: bytesSource(unknown) }]);
  const predicate = modelScanPredicate(report);
  validatePredicate("model-scan", predicate);
  expect(predicate.verdict).toBe("incomplete");
  expect(scanFindings(predicate as unknown as Json, "high").outcome).toBe("undecided");
});

test("files on disk are all examined, whatever ignore files and suppressions lie beside them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "castellan-version-"));
  try {
    writeFileSync(join(folder, "m.weights"), unknown);
    writeFileSync(join(folder, "m.safetensors"), safetensors());
    writeFileSync(join(folder, ".castellanignore"), "*");
    const files = ["m.weights", "m.safetensors"].map((path) => ({ path, location: join(folder, path) }));
    const report = await scanVersionFiles(files);
    expect(report.files).toMatchObject([{ path: "m.safetensors", verdict: "safe" }]);
    expect(report.incomplete).toMatchObject([{ path: "m.weights" }]);
    await expect(scanVersionFiles([{ path: "x", location: join(folder, "x") }])).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the library call takes bytes or a path", async () => {
  const fromBytes = await scanModel(safetensors(), { name: "m.safetensors" });
  expect(fromBytes.files).toMatchObject([{ path: "m.safetensors", verdict: "safe", formats: ["safetensors"] }]);
  const folder = mkdtempSync(join(tmpdir(), "castellan-model-"));
  try {
    writeFileSync(join(folder, "m.safetensors"), safetensors());
    const fromPath = await scanModel(join(folder, "m.safetensors"));
    expect(fromPath.files.map(({ verdict }) => verdict)).toEqual(["safe"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
