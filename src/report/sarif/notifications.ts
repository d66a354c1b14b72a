import type { ScanReport } from "../../core/scan.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { locationOf } from "./result.ts";

/** What the scan could not or did not look at, as SARIF notifications. */
export function notificationsOf(report: ScanReport): Json[] {
  return [
    ...report.incomplete.map(({ path, why, next }) => notification("warning", path, next ? `${why}. ${next}` : why)),
    ...report.skipped.map(({ path, why }) => notification("note", path, `skipped: ${why}`)),
    ...report.notes.map((note) => notification("warning", "", note)),
  ];
}

function notification(level: "warning" | "note", path: string, text: string): Json {
  return {
    level,
    message: { text: path === "" ? text : `${path}: ${text}` },
    ...(path === "" ? {} : { locations: [locationOf({ path })] }),
  };
}
