import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentProgress } from "../../kit/progress.ts";
import type { VersionRow } from "../../store/repository.ts";
import { attachSignature } from "../flows/attach-signature.ts";
import { askGate, promoteThroughGate, readPolicy } from "../flows/gate-version.ts";
import { registerPath } from "../flows/register-path.ts";
import { createHome } from "../home/create.ts";
import { type Home, openHome } from "../home/open.ts";
import { signModel } from "../model-files/sign-model.ts";
import { exportEvidence } from "./export.ts";
import { verifyEvidence } from "./verify.ts";

// What somebody can do who writes the store but holds no key: lend a version another one's statements, make them younger, hide them.

const policy = `version: 1
name: test
signers: { operator: { keys: [operator] } }
aliases:
  prod:
    require:
      - { id: signed, statement: model-signature, signedBy: [operator] }
      - { id: fresh, statement: evaluation, at: /score, op: ">=", value: 0.5, maxAge: 30d, signedBy: [operator] }
`;
let folder: string;
let home: Home;
let signed: VersionRow;
let unsigned: VersionRow;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "castellan-lent-"));
  await createHome(join(folder, "home"), { origin: "test/log", policy });
  home = await openHome(join(folder, "home"));
  signed = await model("signed", "one");
  unsigned = await model("unsigned", "two");
  for (const version of [signed, unsigned]) await evaluate(version, 0.9);
  const { bundle } = await signModel({ root: join(folder, "signed"), signer: home.signer, shardSize: 3 });
  await attachSignature(home, signed, Buffer.from(bundle));
});
afterEach(async () => {
  await home.close();
  rmSync(folder, { recursive: true });
});

async function model(name: string, text: string): Promise<VersionRow> {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, "weights"), text);
  return registerPath(home, {
    path: join(folder, name),
    kind: "model",
    tenant: "default",
    name,
    inputs: [],
    terms: {},
    progress: silentProgress,
  });
}

async function evaluate(version: VersionRow, score: number): Promise<void> {
  await home.registry.declare({
    tenant: "default",
    version: version.digest,
    predicateType: "urn:castellan:evaluation:v1",
    predicate: { score },
  });
}

/** Changes the store as a program could that is not ours. */
function edit(...statements: string[]): void {
  const store = new DatabaseSync(join(folder, "home", "store.db"));
  store.exec("pragma foreign_keys=off");
  for (const statement of statements) store.exec(statement);
  store.close();
}

const ask = async (version: VersionRow): Promise<string> => {
  const { outcome, requirements } = await askGate(home, readPolicy(home, home.policy), {
    tenant: "default",
    alias: "prod",
    version: version.digest,
  });
  return `${outcome} ${requirements
    .filter((one) => one.outcome !== "pass")
    .map(({ id, reason }) => `${id}: ${reason}`)
    .join("; ")}`;
};

test("a signature over shards counts for the version it was made over", async () => {
  expect(await ask(signed)).toBe("pass ");
});

test("a signature lent to another version by a row of the store does not count, and the check of the store names it", async () => {
  edit(`insert into statement_subjects(tenant, statement, position, subject)
    select tenant, digest, 99, '${unsigned.digest}' from statements where predicate_type like '%model_signing%'`);
  expect(await ask(unsigned)).toMatch(/^undecided signed: .* not on the log/);
  expect((await home.registry.verifyStored()).problems).toMatchObject([{ message: expect.stringContaining("topic") }]);
});

test("a bundle put in the place of the one that is on the log does not count", async () => {
  const { bundle } = await signModel({ root: join(folder, "unsigned"), signer: home.signer });
  edit(`update statements set bundle = x'${Buffer.from(bundle).toString("hex")}' where bundle is not null`);
  expect(await ask(signed)).toMatch(/^fail signed: /);
});

test("a statement made younger in the store is as old as the log says", async () => {
  edit("update statements set recorded_at = '2099-01-01T00:00:00.000Z' where predicate_type like '%evaluation%'");
  expect(await ask(signed)).toBe("pass ");
  expect((await home.registry.verifyStored()).problems[0]?.message).toContain("time");
});

test("an evaluation that failed cannot be left out: neither of the gate's facts nor of the evidence", async () => {
  await promoteThroughGate(home, readPolicy(home, home.policy), "signed", {
    tenant: "default",
    alias: "prod",
    version: signed.digest,
  });
  const alias = (await home.repository.alias("default", "signed", "prod"))!;
  await evaluate(signed, 0.1);
  edit(
    "delete from statement_subjects where statement = (select digest from statements order by log_index desc limit 1)",
    "delete from statements where log_index = (select max(log_index) from statements)",
  );
  await expect(ask(signed)).rejects.toMatchObject({ code: "INTEGRITY" });
  await expect(exportEvidence(home, signed, alias, join(folder, "evidence"), "0")).rejects.toMatchObject({
    code: "INTEGRITY",
  });
});

test("evidence holds as exported; a rule of more witnesses than there are is refused, and one no witness met is not met", async () => {
  await promoteThroughGate(home, readPolicy(home, home.policy), "signed", {
    tenant: "default",
    alias: "prod",
    version: signed.digest,
  });
  const alias = (await home.repository.alias("default", "signed", "prod"))!;
  await home.registry.declare({
    tenant: "default",
    version: signed.digest,
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: { buildDefinition: { resolvedDependencies: [] } },
    everyFile: true,
  });
  const evidence = join(folder, "evidence");
  await exportEvidence(home, signed, alias, evidence, "0");
  const witness = home.logVkey.replace("test/log", "w").replace(/\+.*\+/, "+00000000+");
  await expect(verifyEvidence({ folder: evidence, witnesses: [], quorum: 1 })).rejects.toMatchObject({
    code: "CONFIG",
  });
  await expect(verifyEvidence({ folder: evidence, witnesses: [witness] })).rejects.toThrow();
  expect(await verifyEvidence({ folder: evidence, trust: join(folder, "home") })).toMatchObject({
    outcome: "pass",
    pinned: true,
  });
  const copy = join(folder, "copy");
  cpSync(evidence, copy, { recursive: true });
  writeFileSync(
    join(copy, "model.sig"),
    readFileSync(join(copy, "model.sig"), "utf8").replace(/"sig":"...../, '"sig":"AAAAA'),
  );
  expect(await verifyEvidence({ folder: copy })).toMatchObject({ outcome: "fail" });
});
