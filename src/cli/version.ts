import { packageVersion } from "../app/package-root.ts";

/** The version of this installation. */
export function castellanVersion(): string {
  return packageVersion();
}
