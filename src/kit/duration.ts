import { fail } from "./errors.ts";

const unitMilliseconds = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_557_600_000,
} as const;

/** Milliseconds of "250ms", "30s", "5m", "12h", "30d", "2w" or "1y" (365.25 days). @throws MALFORMED */
export function durationMs(text: string): number {
  const parts = /^(\d{1,9})(ms|s|m|h|d|w|y)$/.exec(text.trim());
  if (!parts)
    fail("MALFORMED", {
      message: `"${text}" is not a duration`,
      next: 'Write a number and a unit, such as "30d" or "12h".',
    });
  return Number(parts[1]) * unitMilliseconds[parts[2] as keyof typeof unitMilliseconds];
}
