import { severities } from "../core/finding.ts";
import type { Severity } from "../core/finding.ts";
import { fail } from "../kit/errors.ts";
import { nearest } from "../kit/nearest.ts";
import { defaultLimits } from "../scan/budget.ts";
import type { ScanLimits } from "../scan/budget.ts";

/** The severities a threshold can be. */
export const thresholds = severities.slice(0, 4);

/** "nesting=12,entries=100000" as limits. @throws USAGE naming the nearest bound */
export function parseLimits(text: string | undefined): Partial<ScanLimits> {
  const limits: { -readonly [name in keyof ScanLimits]?: number } = {};
  for (const part of splitList(text)) {
    const [name = "", value = ""] = part.split("=");
    if (!Object.hasOwn(defaultLimits, name)) {
      const close = nearest(name, Object.keys(defaultLimits));
      fail("USAGE", {
        message: `there is no bound called ${JSON.stringify(name.slice(0, 80))}`,
        next: close ? `Did you mean ${close}?` : `Bounds: ${Object.keys(defaultLimits).join(", ")}.`,
      });
    }
    if (!/^[1-9]\d{0,14}$/.test(value)) fail("USAGE", `--limit ${name} needs a whole number above 0`);
    limits[name as keyof ScanLimits] = Number(value);
  }
  return limits;
}

/** The severity from which on findings decide the exit code. */
export function parseThreshold(text: string | undefined): Severity {
  return severities.find((severity) => severity === text) ?? "high";
}

/** Comma-separated words without empty ones. */
export function splitList(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
