import type { Check } from "../core/check.ts";
import type { Asset, AssetKind } from "./asset-kinds.ts";

/** A check of assets of one kind. */
export type AssetCheck<Kind extends AssetKind = AssetKind> = Check<Asset<Kind>, Kind>;

/**
 * Marks a module's default export as a check (types only; returns its argument).
 *
 * ```ts
 * export default check({
 *   id: "supply/model/pickle-executes", asks: "pickle", title: "…", severity: "critical", refs: ["cwe:502"], fix: "…",
 *   *see(asset) { for (const call of asset.structure.calls) yield finding({ at: { offset: call.offset }, why, key: call.name }); },
 * });
 * ```
 */
export function check<Kind extends AssetKind>(definition: AssetCheck<Kind>): AssetCheck<Kind> {
  return definition;
}
