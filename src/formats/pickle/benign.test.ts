import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { examinePickle } from "./examine.ts";
import { realPickles } from "./testing/real-pickles.ts";

const models = fileURLToPath(new URL("../../../../shared/data/models", import.meta.url));

test("pickles of ordinary values are safe in every protocol", () => {
  for (const bytes of realPickles) {
    const { verdict, incomplete } = examinePickle(bytesSource(bytes));
    expect(verdict, JSON.stringify(incomplete)).toBe("safe");
  }
});

test("pickles and joblib files of real models are safe, arrays between their opcodes included", () => {
  if (!existsSync(models)) {
    console.log("not run: ../shared/data absent");
    return;
  }
  let count = 0;
  for (const folder of ["adult", "credit", "digits", "misc", "overfit"]) {
    for (const name of readdirSync(join(models, folder))) {
      if (!/\.(pkl|joblib|legacy\.pth)$/.test(name) || name.startsWith("closure")) continue;
      let bytes: Uint8Array = readFileSync(join(models, folder, name));
      if (bytes[0] === 0x78) bytes = inflateSync(bytes);
      const { verdict, incomplete } = examinePickle(bytesSource(bytes));
      expect(verdict, `${name}: ${JSON.stringify(incomplete)}`).toBe("safe");
      count++;
    }
  }
  expect(count).toBeGreaterThan(40);
});

test("functions with their code in the pickle are reported", () => {
  if (!existsSync(models)) {
    console.log("not run: ../shared/data absent");
    return;
  }
  for (const name of ["closure_pipeline.cloudpickle.pkl", "closure_pipeline.dill.pkl"]) {
    const { verdict, streams } = examinePickle(bytesSource(readFileSync(join(models, "misc", name))));
    expect(verdict).toBe("unsafe");
    expect(streams[0]!.calls.some(({ effect, reason }) => effect === "execution" && reason.includes("code"))).toBe(
      true,
    );
  }
});
