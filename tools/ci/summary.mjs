// Adds up the test runs' JSON reports in a folder; the last line is "N passed, N failed".
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? ".";
const totals = { passed: 0, failed: 0 };
const reports = readdirSync(folder).filter((name) => name.endsWith(".json"));
for (const name of reports) {
  const report = JSON.parse(readFileSync(join(folder, name), "utf8"));
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests + report.numFailedTestSuites;
}
if (reports.length === 0) totals.failed++;
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);
