import fc from "fast-check";
import { it } from "vitest";
import { powerCuts } from "./testing/power-cuts.ts";

it("a log whose power fails some two thousand times has lost nothing acknowledged", async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), powerCuts), { numRuns: 200 });
});
