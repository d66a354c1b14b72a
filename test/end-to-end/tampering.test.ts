import { existsSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { castellan } from "./castellan-process.ts";
import { type DemoHomes, demoHomes } from "./demo-home.ts";
import { type Bases, commandLine, intactLine, type Noticed, type Tampering } from "./tampering.ts";
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
    const done = await castellan(commandLine(command, homes.original, homes.path("out")));
    expect([command, done.code, done.err]).toEqual([command, 0, ""]);
  };
  await Promise.all((["gate", "checkout", "store verify", "ledger verify", "export", "status"] as const).map(content));
});

describe("at rest", () => {
  test.each(tamperings)("$title: noticed by name, and nothing else is lost", async (tampering) => {
    const home = homes.copy(bases[tampering.of ?? "original"]);
    await tampering.tamper(home, bases);
    const notice = async ({ command, exit, code, says }: Noticed): Promise<void> => {
      const out = homes.path("out");
      const done = await castellan(commandLine(command, home, out));
      expect([command, done.code, done.error?.code]).toEqual([command, exit, code]);
      expect(done.out).toMatch(says);
      if (code !== undefined) expect(done.err).toContain(`error ${code}: ${done.error!.message}`);
      // Evidence that would not hold is not left behind, and no unchecked byte is handed out.
      if (command === "export") expect(existsSync(out)).toBe(false);
      if (command === "checkout" && existsSync(out)) expect(readdirSync(out)).not.toContain("model.onnx");
    };
    const remain = async (what: Tampering["intact"][number]): Promise<void> => {
      const done = await castellan(intactLine(what, home, homes.path("out")));
      expect([what, done.code, done.error]).toEqual([what, 0, undefined]);
    };
    await Promise.all([...tampering.noticed.map(notice), ...tampering.intact.map(remain)]);
  });
});
