import { bytesTamperings } from "./tamperings-bytes.ts";
import { killsTamperings } from "./tamperings-kills.ts";
import { logTamperings } from "./tamperings-log.ts";
import { storeTamperings } from "./tamperings-store.ts";
import { trustTamperings } from "./tamperings-trust.ts";
import type { Tampering } from "./tampering.ts";

/** Every link of the chain, tampered with at rest. */
export const tamperings: readonly Tampering[] = [
  ...bytesTamperings,
  ...storeTamperings,
  ...logTamperings,
  ...trustTamperings,
  ...killsTamperings,
];
