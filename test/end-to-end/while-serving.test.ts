import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decide, type Decision } from "./credit-requests.ts";
import { type Serving, serve, succeed, until } from "./castellan-process.ts";
import { demo, type DemoHomes, demoHomes } from "./demo-home.ts";
import { inStore, replacePart } from "./tampering-tools.ts";

let homes: DemoHomes;
let server: Serving;
let home: string;
const policy = (): string => join(home, "policy.yaml");
const original = (): string => readFileSync(join(homes.original, "policy.yaml"), "utf8");

beforeAll(async () => {
  homes = await demoHomes({ bothProven: true });
  home = homes.copy(homes.bothProven);
  server = await serve(home);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  homes?.[Symbol.dispose]();
});

const serves = (): Promise<Decision> =>
  until(
    () => decide(server.url),
    ({ status }) => status === 200,
  );
const refuses = (says: RegExp): Promise<Decision> =>
  until(
    () => decide(server.url),
    ({ error }) => says.test(error?.message ?? ""),
  );

/** Tells the gateway that the store changed, as every honest write does. */
const touchStore = (): void => inStore(home, (db) => db.exec("update store set revision = revision + 1"));

interface Status {
  readonly serving: readonly { readonly primary: { readonly digest: string; readonly proof?: string } }[];
}
const proof = async (): Promise<string | undefined> => {
  const status = (await (await fetch(`${server.url}/castellan/status`)).json()) as Status;
  return status.serving[0]?.primary.proof;
};

// Each test leaves the home as it found it; what cannot be undone comes last.
describe("tampering under a running gateway", () => {
  beforeEach(async () => {
    writeFileSync(policy(), original());
    expect((await serves()).status).toBe(200);
  });

  test("policy made stricter: refused within moments, naming the requirement; taken back: serves again", async () => {
    const more =
      "    require:\n      - { id: approved, statement: evaluation, at: /by, op: exists, signedBy: [operator] }\n";
    writeFileSync(policy(), original().replace("    require:\n", more));
    const refused = await refuses(/approved/);
    expect(refused).toMatchObject({ status: 503, error: { code: "UNDECIDED", requirements: [{ id: "approved" }] } });
    expect(refused.error?.message).toContain("there is no evaluation statement about it (needed from operator)");
    writeFileSync(policy(), original());
  });

  test("policy weakened: the verdict that serves is another one, and names the policy it is by", async () => {
    const before = await proof();
    const weaker = original().replace(/ {6}- id: training-run[\s\S]*?\n\n/, "");
    expect(weaker).not.toBe(original());
    writeFileSync(policy(), weaker);
    const after = await until(proof, (now) => now !== before && now !== undefined);
    expect(after).not.toBe(before);
    writeFileSync(policy(), original());
    expect(await until(proof, (now) => now !== after)).not.toBe(after);
  });

  test("policy made unreadable or taken away: nothing serves by it", async () => {
    writeFileSync(policy(), original().replace("statement: training-run", "statment: training-run"));
    expect(await refuses(/statment/)).toMatchObject({ status: 503, error: { code: "UNDECIDED" } });
    rmSync(policy());
    expect(await refuses(/no such file/)).toMatchObject({ status: 503, error: { code: "UNDECIDED" } });
    writeFileSync(policy(), original());
  });

  test("a trusted key taken away, or another one put in its place under the same name", async () => {
    const file = join(home, "trust", "trainer.pem");
    const key = readFileSync(file);
    rmSync(file);
    expect(await refuses(/no trusted key has that name/)).toMatchObject({ status: 503, error: { code: "UNDECIDED" } });
    writeFileSync(file, readFileSync(join(home, "trust", "data-team.pem")));
    const refused = await refuses(/carries no signature that verifies with a key known here; needed is trainer/);
    expect(refused).toMatchObject({ status: 403, error: { code: "POLICY", requirements: [{ id: "training-run" }] } });
    writeFileSync(file, key);
  });

  test("the alias's row edited to a version that is proven, but was not promoted", async () => {
    const set = (digest: string): void =>
      inStore(home, (db) => {
        db.prepare("update aliases set digest = ?").run(digest);
      });
    set(demo.unproven);
    touchStore();
    const refused = await refuses(/promotion/);
    expect(refused).toMatchObject({ status: 403, error: { code: "POLICY", requirements: [{ id: "promotion" }] } });
    expect(refused.version).toBeNull();
    set(demo.proven);
    touchStore();
  });

  test("the log set back to an older one: noticed against what the gateway has seen", async () => {
    const kept = homes.copy(home);
    replacePart(home, "log", homes.original);
    touchStore();
    const refused = await refuses(/cut or replaced/);
    expect(refused.status).toBe(503);
    replacePart(home, "log", kept);
    touchStore();
  });

  test("revoked while serving: refused with the reason, also after the revocation's row is deleted", async () => {
    await succeed(["revoke", `credit@${demo.proven}`, "--why", "labels were poisoned", "--home", home]);
    expect(await refuses(/not-revoked/)).toMatchObject({
      status: 403,
      error: { code: "POLICY", requirements: [{ id: "built-in/not-revoked", reason: "it was revoked" }] },
    });
    inStore(home, (db) => {
      db.exec("delete from statement_subjects where statement in (select ended_by from versions)");
      db.exec("delete from statements where digest in (select ended_by from versions)");
      db.exec("update versions set state = 'live', ended_by = null, flagged_by = null");
    });
    touchStore();
    const refused = await refuses(/the store has lost or altered it/);
    expect(refused).toMatchObject({ status: 503, error: { code: "UNDECIDED" } });
  });
});
