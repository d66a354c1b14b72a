import { asName, defaultTenant } from "../core/asset.ts";
import { fail } from "../kit/errors.ts";
import type { KillSetting } from "../registry/kill.ts";
import { splitName } from "./registration.ts";

/** What `kill` and `resume` act on: `all`, `tenant NAME`, `model [TENANT/]NAME`. @throws USAGE */
export function killTarget(args: readonly string[]): Pick<KillSetting, "scope" | "target"> {
  const [scope, name] = args;
  if (scope === "all") {
    if (name !== undefined)
      fail("USAGE", { message: `"all" takes no name`, next: `For one model write: model ${name}` });
    return { scope, target: "" };
  }
  if (scope !== "tenant" && scope !== "model") {
    fail("USAGE", {
      message: `"${scope}" is none of model, tenant, all`,
      next: "Write for example: castellan kill model credit",
    });
  }
  if (name === undefined)
    return fail("USAGE", {
      message: `Which ${scope}?`,
      next: `Write: castellan kill ${scope} ${scope === "tenant" ? defaultTenant : "credit"}`,
    });
  if (scope === "tenant") return { scope, target: asName(name, "The tenant") };
  const model = splitName(name);
  return { scope, target: `${model.tenant}/${model.name}` };
}
