import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { parseJson } from "../kit/json.ts";
import { fileKillMirror } from "./kill-mirror.ts";
import { KillSwitch } from "./kill-switch.ts";
import { readKillFact } from "./kill-statement.ts";
import type { KillSource } from "./ports.ts";

let dir: string;
let statements: Uint8Array[];
let broken: Error | undefined;
let time: number;
const path = () => join(dir, "kill-epoch.json");

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "castellan-kill-"));
  statements = [];
  broken = undefined;
  time = 1_000_000;
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const source: KillSource = {
  title: "the store",
  stamp: async () => {
    if (broken) throw broken;
    return String(statements.length) + String(statements.at(-1));
  },
  read: async () => statements,
};
// Signatures are seal's and gateway tests' matter; here a statement is its predicate, and "forged" ones do not verify.
const verify = (bytes: Uint8Array) => {
  const predicate = parseJson(bytes, "statement") as { forged?: boolean };
  return predicate.forged ? fail("SIGNATURE", "No trusted key signed it") : readKillFact(predicate);
};
const open = () => new KillSwitch({ source, mirror: fileKillMirror(path()), verify, monotonic: { now: () => time } });
const fact = (epoch: number, scope: string, target: string, killed = true, more: object = {}) =>
  utf8(JSON.stringify({ epoch, scope, target, killed, why: "drill", at: "2026-01-01T00:00:00Z", ...more }));

describe("the kill switch", () => {
  test("is closed until it has been read once", async () => {
    const kill = open();
    expect(kill.check("default", "credit")?.message).toContain("not been read yet");
    await kill.poll();
    expect(kill.check("default", "credit")).toBeUndefined();
  });

  test.each([
    ["all", "", [true, true, true]],
    ["tenant", "default", [true, true, false]],
    ["model", "default/credit", [true, false, false]],
  ])("scope %s reaches what it names and nothing else", async (scope, target, expected) => {
    statements = [fact(1, scope, target)];
    const kill = open();
    await kill.poll();
    const hit = [
      ["default", "credit"],
      ["default", "other"],
      ["acme", "credit"],
    ].map(([tenant, name]) => kill.check(tenant!, name!) !== undefined);
    expect(hit).toEqual(expected);
  });

  test("the newest statement about a target counts, in whatever order they come", async () => {
    statements = [fact(3, "all", "", false), fact(2, "all", ""), fact(1, "model", "default/credit")];
    const kill = open();
    await kill.poll();
    expect(kill.check("default", "other")).toBeUndefined();
    expect(kill.check("default", "credit")).toBeDefined();
    expect(kill.status().epoch).toBe(3);
  });

  test("of two statements with one epoch, the one that kills counts", async () => {
    statements = [fact(1, "all", "", true), fact(1, "all", "", false)];
    const kill = open();
    await kill.poll();
    expect(kill.check("default", "credit")).toBeDefined();
  });

  test("a store that goes back to a lower epoch closes it at once, until a later statement", async () => {
    statements = [fact(4, "all", "", false)];
    const kill = open();
    await kill.poll();
    statements = [fact(2, "all", "", false)];
    await kill.poll();
    expect(kill.check("default", "credit")?.message).toMatch(/went back from kill-switch epoch 4 to 2/);
    await kill.poll();
    expect(kill.check("default", "credit")).toBeDefined();
    statements = [fact(5, "all", "", false)];
    await kill.poll();
    expect(kill.check("default", "credit")).toBeUndefined();
  });

  test("a lost statement does not lift its kill", async () => {
    statements = [fact(1, "model", "default/credit"), fact(2, "tenant", "acme")];
    const kill = open();
    await kill.poll();
    statements = [fact(2, "tenant", "acme")];
    await kill.poll();
    expect(kill.check("default", "credit")).toBeDefined();
  });

  test.each([
    ["a forged statement", fact(1, "all", "", false, { forged: true })],
    ["bytes that are no statement", utf8("{")],
    ["a scope that does not exist", fact(1, "world", "")],
    ["epoch 0", fact(0, "all", "")],
    ["a target for all", fact(1, "all", "default")],
  ])("%s closes it at once", async (_what, bytes) => {
    const kill = open();
    await kill.poll();
    statements = [bytes];
    expect(await kill.poll()).toBe(true);
    expect(kill.check("default", "credit")).toBeDefined();
  });

  test("a source that cannot be read closes it after three seconds, not at once, and opens it again", async () => {
    const kill = open();
    await kill.poll();
    broken = new Error("disk");
    time += 2900;
    await kill.poll();
    expect(kill.check("default", "credit")).toBeUndefined();
    time += 200;
    expect(kill.check("default", "credit")?.message).toContain("could not be read lately");
    expect(kill.status().closed).toBeDefined();
    broken = undefined;
    await kill.poll();
    expect(kill.check("default", "credit")).toBeUndefined();
  });
});

describe("kill-epoch.json", () => {
  test("keeps a kill over a restart, even when the store was set back meanwhile", async () => {
    statements = [fact(1, "all", "")];
    await open().poll();
    expect(JSON.parse(await readFile(path(), "utf8"))).toMatchObject({ v: 1, epoch: 1 });
    statements = [];
    const restarted = open();
    await restarted.poll();
    expect(restarted.check("default", "credit")).toBeDefined();
  });

  test("is believed when it is ahead of the store: a kill may be written there first", async () => {
    await fileKillMirror(path()).write(7, [fact(7, "model", "default/credit")]);
    const kill = open();
    await kill.poll();
    expect(kill.status().epoch).toBe(7);
    expect(kill.check("default", "credit")).toBeDefined();
  });

  test("taken away or set back while the gateway runs closes the switch", async () => {
    statements = [fact(3, "all", "", false)];
    const kill = open();
    await kill.poll();
    await kill.poll();
    await rm(path());
    await kill.poll();
    expect(kill.check("default", "credit")?.message).toContain("kill-epoch.json went back");
    statements = [fact(4, "all", "", false)];
    await kill.poll();
    expect(kill.check("default", "credit")).toBeUndefined();
    expect(JSON.parse(await readFile(path(), "utf8"))).toMatchObject({ epoch: 4 });
  });

  test.each([
    ["cut short", '{"v":1,"epoch":1,"sta'],
    ["of another version", '{"v":2,"statements":[]}'],
    ["with a statement that is no base64", '{"v":1,"epoch":1,"statements":["%"]}'],
    [
      "with a forged statement",
      `{"v":1,"epoch":1,"statements":["${Buffer.from(fact(1, "all", "", false, { forged: true })).toString("base64")}"]}`,
    ],
  ])("%s closes the switch", async (_what, text) => {
    await writeFile(path(), text);
    const kill = open();
    await kill.poll();
    expect(kill.check("default", "credit")).toBeDefined();
  });
});
