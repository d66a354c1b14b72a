import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../shared/data/models/", import.meta.url));

/** The bytes of a benign reference model, or undefined (and a line that says so) where the shared data is absent. */
export function referenceModel(path: string): Uint8Array | undefined {
  if (existsSync(folder + path)) return readFileSync(folder + path);
  console.log(`not run: ../shared/data/models/${path} absent`);
  return undefined;
}
