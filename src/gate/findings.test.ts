import { decides } from "./testing/cases.ts";
import { model, statement } from "./testing/world.ts";

const scan = "- { id: it, statement: model-scan, findings: { blockAt: high }, signedBy: [scanner] }";
const scanned = (predicate: object) => statement("model-scan", model, predicate as never, { by: ["scanner"] });

decides("findings of scans", [
  [
    "a clean summary",
    scan,
    { statements: [scanned({ summary: { critical: 0, high: 0, medium: 4 } })] },
    "pass",
    /no finding of severity high or worse/,
  ],
  [
    "a high finding in the summary",
    scan,
    { statements: [scanned({ summary: { critical: 0, high: 2 } })] },
    "fail",
    /2 findings of severity high or worse \(worst: high\)/,
  ],
  [
    "a critical finding in the list",
    scan,
    { statements: [scanned({ findings: [{ severity: "critical" }] })] },
    "fail",
    /1 finding .*worst: critical/,
  ],
  [
    "a list that contradicts its summary",
    scan,
    { statements: [scanned({ summary: { critical: 0, high: 0 }, findings: [{ severity: "high" }] })] },
    "fail",
    /1 finding/,
  ],
  [
    "only lower findings",
    scan,
    { statements: [scanned({ findings: [{ severity: "medium" }] })] },
    "pass",
    /no finding/,
  ],
  [
    "an incomplete scan",
    scan,
    { statements: [scanned({ findings: [], incomplete: [{ path: "x", why: "y" }] })] },
    "undecided",
    /could not examine everything/,
  ],
  [
    "an incomplete scan that found something",
    scan,
    { statements: [scanned({ findings: [{ severity: "high" }], incomplete: true })] },
    "fail",
    /1 finding/,
  ],
  [
    "an unknown severity",
    scan,
    { statements: [scanned({ findings: [{ severity: "awful" }] })] },
    "undecided",
    /unknown severity/,
  ],
  ["neither summary nor findings", scan, { statements: [scanned({})] }, "undecided", /neither/],
  [
    "a summary without the severity asked for",
    scan,
    { statements: [scanned({ summary: { low: 0 } })] },
    "undecided",
    /neither/,
  ],
  [
    "counts that are no counts",
    scan,
    { statements: [scanned({ summary: { critical: -1, high: 0 } })] },
    "undecided",
    /neither/,
  ],
  ["no scan", scan, {}, "undecided", /no model-scan/],
]);
