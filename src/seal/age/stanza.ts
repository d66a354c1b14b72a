import { rawBase64 } from "./raw-base64.ts";

/** One way to the file key: the recipient type, its arguments, and the wrapped key (C2SP age, "Recipient stanza"). */
export interface Stanza {
  /** Visible ASCII without spaces; the first names the recipient type. At least one. */
  readonly args: readonly string[];
  readonly body: Uint8Array;
}

/** Bytes of a full body line: 64 base64 characters. */
export const bodyLineBytes = 48;

/** The stanza's lines, each ended by a line feed; the body always ends with a line shorter than 64 characters. */
export function writeStanza(stanza: Stanza): string {
  let text = `-> ${stanza.args.join(" ")}\n`;
  for (let at = 0; at <= stanza.body.length; at += bodyLineBytes)
    text += `${rawBase64(stanza.body.subarray(at, at + bodyLineBytes))}\n`;
  return text;
}
