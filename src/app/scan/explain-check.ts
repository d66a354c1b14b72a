import { fail } from "../../kit/errors.ts";
import { nearest } from "../../kit/nearest.ts";
import type { CheckEntry } from "../../scan/check-list.ts";
import type { AssetCheck } from "../../scan/check.ts";
import { checkIndex } from "../checks.gen.ts";

/** The check with this id. @throws NOT_FOUND naming the nearest one */
export async function explainCheck(id: string, index: readonly CheckEntry[] = checkIndex): Promise<AssetCheck> {
  const entry = index.find((entry) => entry.id === id);
  if (entry) return entry.load();
  const close =
    nearest(
      id,
      index.map((entry) => entry.id),
    ) ?? index.find((entry) => entry.id.includes(id))?.id;
  return fail("NOT_FOUND", {
    message: `there is no check ${JSON.stringify(id.slice(0, 100))}`,
    next: close === undefined ? "Findings name the id of their check." : `Did you mean ${close}?`,
  });
}

/** Refuses a prefix that no check's id starts with: a scan with no checks would find nothing and look clean. @throws USAGE */
export function checkPrefixes(prefixes: readonly string[], index: readonly CheckEntry[] = checkIndex): void {
  for (const prefix of prefixes) {
    if (index.some(({ id }) => id.startsWith(prefix))) continue;
    const areas = new Set(
      index.flatMap(({ id }) => [id, id.slice(0, id.lastIndexOf("/") + 1), id.slice(0, id.indexOf("/") + 1)]),
    );
    const close = nearest(prefix, areas);
    fail("USAGE", {
      message: `no check's id starts with ${JSON.stringify(prefix.slice(0, 100))}`,
      next:
        close === undefined
          ? `Areas: ${[...areas].filter((area) => area.endsWith("/")).join(" ")}`
          : `Did you mean ${close}?`,
    });
  }
}
