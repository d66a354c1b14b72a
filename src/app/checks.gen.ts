// Written by "npm run gen" from the files in src/<room>/checks. Do not edit.
import type { CheckEntry } from "../scan/check-list.ts";

export const checkIndex: readonly CheckEntry[] = [];
