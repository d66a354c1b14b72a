/** Pieces the statement schemas share. */

export const digest = {
  type: "string",
  pattern: "^sha256:[0-9a-f]{64}$",
  description: "sha256: and 64 lower-case hexadecimal digits.",
} as const;

export const name = {
  type: "string",
  pattern: "^(?!.*\\.\\.)[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$",
  description: 'Lower-case letters, digits, ".", "_" or "-", at most 64.',
} as const;

export const text = { type: "string", minLength: 1, maxLength: 4000 } as const;

export const moment = {
  type: "string",
  pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:Z|[+-]\\d{2}:\\d{2})$",
  description: "RFC 3339 date and time.",
} as const;

export const day = {
  type: "string",
  pattern: "^\\d{4}-\\d{2}-\\d{2}(?:T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:Z|[+-]\\d{2}:\\d{2}))?$",
  description: "RFC 3339 date, or date and time.",
} as const;

export const count = { type: "integer", minimum: 0 } as const;

export const digests = { type: "array", items: digest, maxItems: 100_000 } as const;

export const outcome = { type: "string", enum: ["pass", "fail", "undecided"] } as const;
