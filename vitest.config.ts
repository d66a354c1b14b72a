import { defineConfig } from "vitest/config";

// Slow tests carry ".slow.test.ts" and run with `npm run test:slow`; everything else is the ten-minute suite.
const slow = process.env["CASTELLAN_TESTS"] === "slow";

// Continuous integration adds up the results of several runs.
const results = process.env["CASTELLAN_TEST_RESULTS"];

export default defineConfig({
  test: {
    include: slow ? ["{src,test,tools}/**/*.slow.test.ts"] : ["{src,test,tools}/**/*.test.{ts,mjs}"],
    exclude: slow ? [] : ["**/*.slow.test.ts"],
    isolate: false,
    pool: "forks",
    maxWorkers: 2,
    testTimeout: slow ? 1_800_000 : 60_000,
    hookTimeout: 60_000,
    ...(results ? { reporters: ["default", "json"], outputFile: { json: results } } : {}),
  },
});
