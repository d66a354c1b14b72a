// Written by "npm run gen" from the files in src/scan/readers. Do not edit.
import type { Reader } from "./reader.ts";
import ggufReader from "./readers/gguf.ts";
import npyReader from "./readers/npy.ts";
import safetensorsReader from "./readers/safetensors.ts";

export const readers: readonly Reader[] = [ggufReader, npyReader, safetensorsReader];
