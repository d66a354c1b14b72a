import { quoted } from "./anomaly.ts";

/** A way in which a member's name leaves the folder it is unpacked into, or means different files to different readers. */
export interface NameHazard {
  readonly code: "name-escapes" | "name-ambiguous";
  readonly why: string;
}

const reserved = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?$/i;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001f\u007f]/;
// Right-to-left overrides and invisible characters make a name look like another one.
const deceptive = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

/** What is wrong with `name` as the path of a member of an archive; empty for honest names. */
export function nameHazards(name: string): NameHazard[] {
  const hazards: NameHazard[] = [];
  const escapes = (why: string): void => void hazards.push({ code: "name-escapes", why: `${quoted(name)} ${why}` });
  const ambiguous = (why: string): void => void hazards.push({ code: "name-ambiguous", why: `${quoted(name)} ${why}` });
  const slashed = name.replaceAll("\\", "/");
  const parts = slashed.split("/");
  if (slashed.startsWith("//")) escapes("is a network path");
  else if (slashed.startsWith("/")) escapes("is an absolute path");
  if (/^[a-z]:/i.test(name)) escapes("begins with a drive letter");
  if (parts.some((part) => part.trim() === "..")) escapes('has the part ".."');
  if (name.includes("\0")) ambiguous("contains a NUL byte, where some readers end the name");
  else if (control.test(name)) ambiguous("contains control characters");
  if (deceptive.test(name)) ambiguous("contains characters that hide or turn text around");
  if (name.includes("\\")) ambiguous("contains a backslash, which only some readers take for a separator");
  if (/:/.test(name.replace(/^[a-z]:/i, ""))) ambiguous("contains a colon, which Windows takes for a stream");
  if (parts.some((part) => reserved.test(part))) ambiguous("names a device on Windows");
  if (name === "" || /^[./\\\s]+$/.test(name)) ambiguous("is no name");
  return hazards;
}

/** The form under which names that some file systems cannot tell apart are equal. */
export function foldedName(name: string): string {
  return name
    .replaceAll("\\", "/")
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .map((part) => part.replace(/[. ]+$/, "") || part)
    .join("/")
    .normalize("NFKC")
    .toLowerCase();
}

/** True when following a link with `target`, stored as `name`, can lead out of the archive's folder. */
export function linkEscapes(name: string, target: string): boolean {
  const slashed = target.replaceAll("\\", "/");
  if (slashed.startsWith("/") || /^[a-z]:/i.test(target)) return true;
  let depth = 0;
  for (const part of [...foldedParts(name).slice(0, -1), ...foldedParts(slashed)]) {
    if (part === "..") depth--;
    else depth++;
    if (depth < 0) return true;
  }
  return false;
}

function foldedParts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
