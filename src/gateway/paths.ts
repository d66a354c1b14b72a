import { defaultTenant, isName } from "../core/asset.ts";
import { isDigest } from "../kit/digest.ts";
import type { Target } from "../serve/exchange.ts";

/** Which route a path belongs to. */
export type PathKind = "server" | "live" | "ready" | "status" | "pipeline" | "model" | "model-ready" | "model-infer";

export interface ParsedPath {
  readonly kind: PathKind;
  readonly target: Target | undefined;
}

const fixed: ReadonlyMap<string, PathKind> = new Map([
  ["/v2", "server"],
  ["/v2/health/live", "live"],
  ["/v2/health/ready", "ready"],
  ["/castellan/status", "status"],
  ["/castellan/pipeline", "pipeline"],
]);

const modelPath = /^(?:\/t\/([^/]+))?\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(\/ready|\/infer)?$/;
const hex = /^[0-9a-f]{64}$/;

/**
 * What a request path asks for, or undefined. Paths are taken as they are: nothing is decoded or normalised, so one thing
 * has one path. A version is an alias, 64 hexadecimal digits, or `sha256:` and the same; without one it is `prod`.
 */
export function parsePath(url: string): ParsedPath | undefined {
  const query = url.indexOf("?");
  const path = query < 0 ? url : url.slice(0, query);
  const kind = fixed.get(path);
  if (kind) return { kind, target: undefined };
  const parts = modelPath.exec(path);
  if (!parts) return undefined;
  const [, tenant = defaultTenant, name = "", version = "prod", action] = parts;
  if (!isName(tenant) || !isName(name)) return undefined;
  const label = hex.test(version) ? `sha256:${version}` : version;
  if (!isName(label) && !isDigest(label)) return undefined;
  const target = { tenant, name, label };
  return { kind: action === "/infer" ? "model-infer" : action === "/ready" ? "model-ready" : "model", target };
}
