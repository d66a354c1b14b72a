import { afterAll, beforeAll, test } from "vitest";
import { type DemoHomes, demoHomes } from "./demo-home.ts";
import { expectIntact, tampered } from "./noticed-tampering.ts";
import { expectAnswer } from "./served-tampering.ts";
import type { Bases } from "./tampering.ts";
import { tamperingBases } from "./tampering-bases.ts";
import { tamperings } from "./tamperings.ts";

let homes: DemoHomes;
let bases: Bases;

beforeAll(async () => {
  homes = await demoHomes({ bothProven: true });
  bases = await tamperingBases(homes);
}, 180_000);
afterAll(() => homes?.[Symbol.dispose]());

test.each(tamperings)(
  "$title: what was not touched is not lost, and a gateway started on it answers as it should",
  async (tampering) => {
    const home = await tampered(tampering, homes, bases);
    await expectIntact(tampering, home, homes);
    await expectAnswer(tampering, home);
  },
);
