/** Text inside marshalled Python code that tells a reader what it is about: names and constants, most telling first. */
export function wordsOfCode(base64: string): readonly string[] {
  const bytes = Buffer.from(base64.slice(0, 400_000), "base64");
  const found = new Set<string>();
  // Short strings of marshal: a type byte, a length, and that many characters of ASCII or UTF-8.
  for (let at = 0; at + 2 < bytes.length && found.size < 200; at++) {
    const type = bytes[at]! & 0x7f;
    const short = type === 0x7a || type === 0x5a;
    const long = type === 0x61 || type === 0x41 || type === 0x73 || type === 0x74 || type === 0x75;
    if (!short && !long) continue;
    const start = at + (short ? 2 : 5);
    const length = short ? bytes[at + 1]! : start <= bytes.length ? bytes.readUInt32LE(at + 1) : 0;
    if (length < 2 || length > 500 || start + length > bytes.length) continue;
    const text = bytes.subarray(start, start + length).toString("latin1");
    if (/^[\x20-\x7e]+$/.test(text)) found.add(text);
  }
  return [...found].filter((text) => !/^<\w+>$/.test(text)).slice(0, 24);
}
