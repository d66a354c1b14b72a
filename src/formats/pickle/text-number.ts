/** How a text argument reads to an unpickler. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

const bad: Parsed<never> = { ok: false, error: "could not convert string to int" };
const spaces = /^[ \t\n\v\f\r]*/;

/**
 * The integer of an INT line (newline included) as `load_int` reads it: `strtol` in base 0 (so `010` is eight and
 * `0x10` sixteen), else `PyLong_FromString` in base 0; `00` and `01` are booleans. Text after a NUL is not seen.
 */
export function parseInt0(line: string): Parsed<bigint | boolean> {
  const quick = strtol(line);
  if (quick !== undefined) {
    if (line.length === 3 && (quick === 0n || quick === 1n)) return { ok: true, value: quick === 1n };
    return { ok: true, value: quick };
  }
  return parsePyLong(line, 0);
}

/** The integer of a LONG line: an `L` before the newline is dropped, then `PyLong_FromString` in base 0. */
export function parseLong(line: string): Parsed<bigint> {
  return parsePyLong(line.at(-2) === "L" ? line.slice(0, -2) : line, 0);
}

/**
 * `PyLong_FromString(text, NULL, base)`: white space around, a sign, single underscores between digits, prefixes in base
 * 0, no leading zeros there (`00` is allowed); the text ends at the first NUL.
 */
export function parsePyLong(text: string, base: 0 | 10): Parsed<bigint> {
  const nul = text.indexOf("\0");
  const whole = (nul < 0 ? text : text.slice(0, nul)).replace(spaces, "");
  const match = /^([+-]?)([0-9a-zA-Z_]+)[ \t\n\v\f\r]*$/.exec(whole);
  if (match === null) return bad;
  const negative = match[1] === "-";
  const digits = match[2]!;
  const prefix = base === 0 ? /^0([xX]|[oO]|[bB])_?/.exec(digits) : null;
  const body = prefix ? digits.slice(prefix[0].length) : digits;
  const kind = prefix?.[1]?.toLowerCase();
  const allowed = kind === "x" ? /^[0-9a-f]+$/i : kind === "o" ? /^[0-7]+$/ : kind === "b" ? /^[01]+$/ : /^[0-9]+$/;
  if (!body.split("_").every((part) => allowed.test(part))) return bad;
  const plain = body.replaceAll("_", "");
  if (base === 0 && kind === undefined && plain.startsWith("0") && /[1-9]/.test(plain)) return bad;
  const value = BigInt(kind === undefined ? plain.slice(0, 5000) : `0${kind}${plain.slice(0, 5000)}`);
  return { ok: true, value: negative ? -value : value };
}

/** What `strtol(text, &end, 0)` yields when it stops at the newline or a NUL without overflow, else undefined. */
function strtol(line: string): bigint | undefined {
  const match = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/.exec(line);
  if (match === null) return line.startsWith("\0") ? 0n : undefined;
  const next = line[match[0].length];
  if (next !== "\n" && next !== "\0" && next !== undefined) return undefined;
  const digits = match[2]!;
  const value = /^0[xX]/.test(digits) ? BigInt(digits) : digits.startsWith("0") ? octal(digits) : decimal(digits);
  if (value === undefined) return undefined;
  const signed = match[1] === "-" ? -value : value;
  return BigInt.asIntN(64, signed) === signed ? signed : undefined;
}

function octal(digits: string): bigint | undefined {
  return digits.length > 40 ? undefined : BigInt(`0o${digits}`);
}

function decimal(digits: string): bigint | undefined {
  return digits.length > 40 ? undefined : BigInt(digits);
}

/**
 * The number of a FLOAT line as `PyOS_string_to_double` reads it: no white space before, no underscores, no
 * hexadecimal, an error when it overflows, and nothing but a newline or a NUL after it.
 */
export function parseFloatLine(line: string): Parsed<number> {
  const match = /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf(?:inity)?|nan)/i.exec(line);
  const next = match ? line[match[0].length] : undefined;
  if (match === null || (next !== "\n" && next !== "\0" && next !== undefined)) {
    return { ok: false, error: "could not convert string to float" };
  }
  const text = match[0].toLowerCase();
  if (text.includes("n")) {
    const size = text.includes("nan") ? Number.NaN : Number.POSITIVE_INFINITY;
    return { ok: true, value: text.startsWith("-") ? -size : size };
  }
  const value = Number(text);
  if (!Number.isFinite(value)) return { ok: false, error: "value too large to convert to float" };
  return { ok: true, value };
}
