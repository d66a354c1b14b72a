import { utf8 } from "../../kit/bytes.ts";
import { statementPayloadType } from "../in-toto.ts";

/**
 * What v0.2 of the reference tool signed instead of the DSSE pre-authentication encoding: a misspelt prefix, and the
 * payload as Python prints bytes (`b'…'`). Only for verifying signatures of that time.
 */
export function legacyPae(payload: Uint8Array): Uint8Array {
  const type = statementPayloadType;
  return utf8(`DSSEV1 ${type.length} ${type} ${payload.length} ${pythonBytes(payload)}`);
}

/** `repr(bytes)` of Python: single quotes unless only those occur inside; everything outside printable ASCII escaped. */
export function pythonBytes(bytes: Uint8Array): string {
  const quote = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'";
  const parts: string[] = [];
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (char === quote || char === "\\") parts.push(`\\${char}`);
    else if (char === "\t") parts.push("\\t");
    else if (char === "\n") parts.push("\\n");
    else if (char === "\r") parts.push("\\r");
    else if (byte < 0x20 || byte >= 0x7f) parts.push(`\\x${byte.toString(16).padStart(2, "0")}`);
    else parts.push(char);
  }
  return `b${quote}${parts.join("")}${quote}`;
}
