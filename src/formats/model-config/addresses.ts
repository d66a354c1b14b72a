/** Text that names a place on another machine. */
export function isAddress(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]{1,20}:\/\/|\\\\[^\\])/i.test(text);
}

/** Text that names a file outside of the folder it is written in: absolute, of a home, of a drive, or upward. */
export function leavesFolder(text: string): boolean {
  return /^(?:\/|~|[A-Za-z]:[\\/]|\\)/.test(text) || /(?:^|[\\/])\.\.(?:[\\/]|$)/.test(text);
}
