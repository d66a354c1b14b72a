import { existsSync, readdirSync } from "node:fs";
import { expect } from "vitest";
import { castellan } from "./castellan-process.ts";
import type { DemoHomes } from "./demo-home.ts";
import { type Bases, commandLine, intactLine, type Noticed, type Tampering } from "./tampering.ts";

/** A copy of the home it starts from, tampered with. */
export async function tampered(
  { of = "original", tamper }: Tampering,
  homes: DemoHomes,
  bases: Bases,
): Promise<string> {
  const home = homes.copy(bases[of]);
  await tamper(home, bases);
  return home;
}

/** Runs every command that must notice and expects its exact refusal. */
export async function expectNoticed({ noticed }: Tampering, home: string, homes: DemoHomes): Promise<void> {
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
  await Promise.all(noticed.map(notice));
}

/** Expects that what was not touched still is there and still checks out. */
export async function expectIntact({ intact }: Tampering, home: string, homes: DemoHomes): Promise<void> {
  const remain = async (what: Tampering["intact"][number]): Promise<void> => {
    const done = await castellan(intactLine(what, home, homes.path("out")));
    expect([what, done.code, done.error]).toEqual([what, 0, undefined]);
  };
  await Promise.all(intact.map(remain));
}
