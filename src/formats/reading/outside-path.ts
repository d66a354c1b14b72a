/**
 * Why a path that a model states for another file would leave the model's folder, or undefined when it stays inside. Readers on
 * every system are meant: backslashes, drive letters and devices count wherever the model is read.
 */
export function leavesFolder(path: string): string | undefined {
  if (path === "") return "it is empty";
  if (path.includes("\0")) return "it contains a zero byte, at which readers in C stop";
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return "it is an address, not a file name";
  if (/^[a-z]:/i.test(path)) return "it names a drive";
  if (/^[/\\]/.test(path)) return "it is absolute";
  if (path.startsWith("~")) return "it names a home folder";
  if (path.split(/[/\\]/).some((part) => /^\.\.[ .]*$/.test(part))) return "it climbs out of the folder";
  if (/%2e%2e|%2f|%5c/i.test(path)) return "it hides separators or dots behind percent signs";
  if (/\$\{|\$\(|%[A-Za-z_]+%/.test(path)) return "it contains variables";
  return undefined;
}
