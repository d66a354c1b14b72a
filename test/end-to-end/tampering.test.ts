import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { castellan } from "./castellan-process.ts";
import { type DemoHomes, demoHomes } from "./demo-home.ts";
import { expectNoticed, tampered } from "./noticed-tampering.ts";
import { type Bases, commandLine, type Noticed } from "./tampering.ts";
import { tamperingBases } from "./tampering-bases.ts";
import { tamperings } from "./tamperings.ts";

let homes: DemoHomes;
let bases: Bases;

beforeAll(async () => {
  homes = await demoHomes({ bothProven: true });
  bases = await tamperingBases(homes);
}, 180_000);
afterAll(() => homes?.[Symbol.dispose]());

test("untampered, every one of these commands is content", async () => {
  const content = async (command: Noticed["command"]): Promise<void> => {
    const done = await castellan(commandLine(command, homes.copy(), homes.path("out")));
    expect([command, done.code, done.err]).toEqual([command, 0, ""]);
  };
  await Promise.all((["gate", "checkout", "store verify", "ledger verify", "export", "status"] as const).map(content));
});

// That nothing else is lost, and what a gateway answers, is in tampering.slow.test.ts: every case takes a server of its own.
describe("at rest", () => {
  test.each(tamperings)("$title: noticed by name", async (tampering) => {
    await expectNoticed(tampering, await tampered(tampering, homes, bases), homes);
  });
});
