/** Where a linted file stands: its room (first folder under src/) when it is product source, and whether it is a test. */
export function sourcePath(filename) {
  const path = filename.replaceAll("\\", "/");
  const inSource = /(?:^|\/)src\/(.+)$/.exec(path)?.[1];
  return {
    path,
    room: inSource?.includes("/") ? inSource.split("/")[0] : undefined,
    test: /\.test\.(ts|mjs)$|(^|\/)(fixtures|contract\.ts)/.test(path),
    generated: path.endsWith(".gen.ts"),
  };
}
