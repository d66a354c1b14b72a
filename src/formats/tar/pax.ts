import { text } from "./header.ts";

/** The records of an extended header (pax(1)): `length key=value` and a line feed each. `odd` says what is wrong with it. */
export function paxRecords(data: Buffer): { records: Map<string, string>; odd: string | undefined } {
  const records = new Map<string, string>();
  let at = 0;
  while (at < data.length) {
    if (data[at] === 0 && data.subarray(at).every((byte) => byte === 0)) break;
    const space = data.indexOf(0x20, at);
    const digits = space < 0 ? "" : data.toString("latin1", at, Math.min(space, at + 20));
    const length = /^[1-9][0-9]{0,9}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    if (length === 0 || end > data.length || space >= end || data[end - 1] !== 0x0a)
      return { records, odd: "is damaged" };
    const equals = data.indexOf(0x3d, space);
    if (equals < 0 || equals >= end) return { records, odd: "has a record without a value" };
    const key = text(data.subarray(space + 1, equals));
    const raw = data.subarray(equals + 1, end - 1);
    // Sparse maps of format 0.0 come as one record for each number: keep them in order.
    const before =
      key.startsWith("GNU.sparse.numbytes") || key.startsWith("GNU.sparse.offset") ? records.get(key) : undefined;
    records.set(key, before === undefined ? raw.toString("utf8") : `${before},${raw.toString("latin1")}`);
    at = end;
  }
  const doubtful = [...records].find(([, value]) => value.includes("\0"));
  return { records, odd: doubtful && `has a NUL byte in "${doubtful[0].slice(0, 40)}"` };
}

/** A record's decimal number; undefined when absent, NaN when it is none. */
export function paxNumber(records: ReadonlyMap<string, string>, key: string): number | undefined {
  const value = records.get(key);
  if (value === undefined) return undefined;
  return /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN;
}
