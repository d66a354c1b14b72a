// Written by "npm run gen" from the files in src/scan/readers. Do not edit.
import type { Reader } from "./reader.ts";

export const readers: readonly Reader[] = [];
