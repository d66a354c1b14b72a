import { isUtf8 } from "node:buffer";

/** First bytes of files that are no models, so that a project's pictures and programs are not called unknown. */
const signatures: readonly { readonly bytes: string; readonly at?: number; readonly title: string }[] = [
  { bytes: "\x89PNG\r\n\x1a\n", title: "PNG image" },
  { bytes: "\xff\xd8\xff", title: "JPEG image" },
  { bytes: "GIF87a", title: "GIF image" },
  { bytes: "GIF89a", title: "GIF image" },
  { bytes: "RIFF", title: "RIFF file (sound, picture or video)" },
  { bytes: "OggS", title: "Ogg sound or video" },
  { bytes: "ID3", title: "MP3 sound" },
  { bytes: "fLaC", title: "FLAC sound" },
  { bytes: "ftyp", at: 4, title: "MPEG-4 video" },
  { bytes: "II*\0", title: "TIFF image" },
  { bytes: "MM\0*", title: "TIFF image" },
  { bytes: "\0\0\x01\0", title: "icon" },
  { bytes: "%PDF-", title: "PDF document" },
  { bytes: "wOFF", title: "font" },
  { bytes: "wOF2", title: "font" },
  { bytes: "OTTO", title: "font" },
  { bytes: "\0\x01\0\0\0", title: "font" },
  { bytes: "\x7fELF", title: "ELF program" },
  { bytes: "\xcf\xfa\xed\xfe", title: "Mach-O program" },
  { bytes: "\0asm", title: "WebAssembly module" },
  { bytes: "\xca\xfe\xba\xbe", title: "Java class or Mach-O program" },
  { bytes: "SQLite format 3\0", title: "SQLite database" },
  { bytes: "PAR1", title: "Parquet table" },
  { bytes: "ARROW1", title: "Arrow table" },
  { bytes: "Obj\x01", title: "Avro table" },
];

/** What a file that no reader recognises plainly is; undefined when its bytes say nothing. */
export function foreignFormat(head: Uint8Array): string | undefined {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 32)).toString("latin1");
  return signatures.find(({ bytes, at = 0 }) => start.startsWith(bytes, at))?.title;
}

/** True when the bytes are the start of UTF-8 text: no zero byte, and at most the last character cut. */
export function looksLikeText(head: Uint8Array): boolean {
  if (head.includes(0)) return false;
  for (let cut = 0; cut <= 3 && cut <= head.length; cut++) if (isUtf8(head.subarray(0, head.length - cut))) return true;
  return false;
}
