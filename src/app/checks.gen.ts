// Written by "npm run gen" from the files in src/<room>/checks. Do not edit.
import type { CheckEntry } from "../scan/check-list.ts";

export const checkIndex: readonly CheckEntry[] = [
  {
    id: "supply/model/gguf-structure",
    asks: "gguf",
    title: "This GGUF file breaks the rules of its format",
    severity: "high",
    needs: [],
    load: async () => (await import("../supply/checks/model/gguf-structure.ts")).default,
  },
  {
    id: "supply/model/npy-objects",
    asks: "npy",
    title: "This NumPy file holds Python objects, which are loaded by unpickling",
    severity: "low",
    needs: [],
    load: async () => (await import("../supply/checks/model/npy-objects.ts")).default,
  },
  {
    id: "supply/model/npy-structure",
    asks: "npy",
    title: "This NumPy file is not one that NumPy writes",
    severity: "medium",
    needs: [],
    load: async () => (await import("../supply/checks/model/npy-structure.ts")).default,
  },
  {
    id: "supply/model/safetensors-structure",
    asks: "safetensors",
    title: "This safetensors file breaks the rules of its format",
    severity: "high",
    needs: [],
    load: async () => (await import("../supply/checks/model/safetensors-structure.ts")).default,
  },
];
