import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256Hex, utf8 } from "../kit/bytes.ts";
import { startDummyUpstream, type DummyUpstream } from "./testing/dummy-upstream.ts";
import { applicant, Bench, columnsBody, creditFiles, post, postRaw } from "./testing/harness.ts";

interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly next?: string;
    readonly requirements?: readonly { readonly id: string; readonly reason: string }[];
    readonly version?: string;
  };
}

let bench: Bench;
let dummy: DummyUpstream;
beforeEach(async () => {
  bench = await Bench.open();
  dummy = await startDummyUpstream((_request, response) => void response.end('{"outputs":[]}'));
  bench.endpoint = dummy.endpoint;
});
afterEach(async () => {
  await bench.close();
  await dummy.close();
});

const body = { inputs: [{ name: "input", datatype: "FP32", shape: [1], data: [1] }] };

async function served(options = {}, ports = {}) {
  const version = bench.world.addVersion({ "m.onnx": utf8("one") });
  bench.world.promote("credit", version);
  const gateway = await bench.startGateway(options, ports);
  return { version, gateway, infer: `${gateway.url}/v2/models/credit/infer` };
}

async function refused(response: Response, status: number, code: string): Promise<ErrorBody["error"]> {
  const text = await response.text();
  expect(response.status, text).toBe(status);
  const { error } = JSON.parse(text) as ErrorBody;
  expect(error.code).toBe(code);
  expect(response.headers.get("x-castellan-request-id")).toBeTruthy();
  return error;
}

async function recorded(): Promise<Record<string, unknown>[]> {
  const [name = ""] = await readdir(join(bench.home, "record"));
  const text = await readFile(join(bench.home, "record", name), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line.slice(0, -65)) as Record<string, unknown>);
}

describe("a version without proof", () => {
  test("gets no request, and the refusal says which requirements are missing", async () => {
    const { gateway, version, infer } = await served();
    const requirements = [
      { id: "signed", title: "Signed", outcome: "pass" as const, reason: "yes", evidence: [] },
      {
        id: "trained-from",
        title: "Trained from",
        outcome: "undecided" as const,
        reason: "there is no training run",
        evidence: [],
      },
    ];
    bench.world.judge(version, { outcome: "undecided", requirements });
    await gateway.refresh();
    const error = await refused(await post(infer, body), 503, "UNDECIDED");
    expect(error.requirements).toMatchObject([{ id: "trained-from", reason: "there is no training run" }]);
    expect(error.message).toContain("trained-from");
    bench.world.judge(version, {
      outcome: "fail",
      requirements: [{ ...requirements[1]!, outcome: "fail", reason: "it is revoked" }],
    });
    await gateway.refresh();
    expect((await refused(await post(infer, body), 403, "POLICY")).message).toContain("it is revoked");
    const byDigest = await refused(
      await post(infer.replace("/infer", `/versions/${version.slice(7)}/infer`), body),
      403,
      "POLICY",
    );
    expect(byDigest.requirements).toMatchObject([{ id: "trained-from", reason: "it is revoked" }]);
    expect(dummy.requests).toHaveLength(0);
    expect((await recorded()).map(({ ended }) => ended)).toEqual(["route", "route", "route"]);
    bench.world.judge(version, undefined);
    await gateway.refresh();
    expect((await post(infer, body)).status).toBe(200);
  });

  test("gets none while the gate cannot answer, and some once it can", async () => {
    bench.world.gateError = new Error("the log is gone");
    const { infer } = await served();
    const error = await refused(await post(infer, body), 503, "UNDECIDED");
    expect(error.message).not.toContain("the log is gone");
    bench.world.gateError = undefined;
    await expect.poll(async () => (await post(infer, body)).status, { timeout: 2000 }).toBe(200);
  });

  test("gets none once its proof has run out or its source is unreadable, also when the wall clock was set back", async () => {
    const version = bench.world.addVersion({ "m.onnx": utf8("one") });
    bench.world.promote("credit", version);
    bench.world.verdicts.set(version, { validUntil: new Date(1_000_000_000 + 60_000).toISOString() });
    let wall = 1_000_000_000;
    let ahead = 0;
    const ports = { clock: { now: () => wall }, monotonic: { now: () => performance.now() + ahead } };
    const gateway = await bench.startGateway({}, ports);
    const infer = `${gateway.url}/v2/models/credit/infer`;
    await expect.poll(async () => (await post(infer, body)).status).toBe(200);
    wall -= 365 * 86_400_000;
    ahead += 59_000;
    await gateway.refresh();
    expect((await post(infer, body)).status).toBe(200);
    ahead += 2_000;
    await gateway.refresh();
    expect((await post(infer, body)).status).toBe(503);

    bench.world.verdicts.delete(version);
    ahead += 10_000;
    await expect.poll(async () => (await post(infer, body)).status).toBe(200);
    bench.world.sourceError = new Error("gone");
    ahead += 20_000;
    await gateway.refresh();
    await refused(await post(infer, body), 503, "UNAVAILABLE");
  });

  test("gets none before anything is known about what is promoted", async () => {
    bench.world.sourceError = new Error("no store");
    const { infer, gateway } = await served();
    await refused(await post(infer, body), 503, "UNAVAILABLE");
    await refused(await fetch(`${gateway.url}/v2/health/ready`), 503, "UNAVAILABLE");
    expect((await fetch(`${gateway.url}/v2/health/live`)).status).toBe(200);
  });
});

describe("the kill switch", () => {
  test.each([
    ["all", ""],
    ["tenant", "default"],
    ["model", "default/credit"],
  ] as const)("%s stops requests within a second, and resuming lets them through again", async (scope, target) => {
    const { infer } = await served();
    expect((await post(infer, body)).status).toBe(200);
    await bench.world.kill(scope, target);
    await expect.poll(async () => (await post(infer, body)).status, { timeout: 1000, interval: 20 }).toBe(503);
    const error = await refused(await post(infer, body), 503, "KILLED");
    expect(error.message).toContain("a test");
    await bench.world.kill(scope, target, false);
    await expect.poll(async () => (await post(infer, body)).status, { timeout: 1000, interval: 20 }).toBe(200);
  });

  test("stays on over a restart of the gateway, even when the store is set back", async () => {
    const { gateway } = await served();
    await bench.world.kill("all", "");
    await gateway.refresh();
    await gateway.close();
    bench.world.killStatements = [];
    const again = await bench.startGateway();
    await refused(await post(`${again.url}/v2/models/credit/infer`, body), 503, "KILLED");
  });

  test("does not believe a statement signed with another key: nothing is served", async () => {
    const { gateway, infer } = await served();
    await bench.world.kill("all", "", false, generateKeyPairSync("ed25519").privateKey);
    await gateway.refresh();
    expect((await refused(await post(infer, body), 503, "KILLED")).message).toContain("cannot be trusted");
  });

  test("closes when its state cannot be read", async () => {
    const { infer } = await served({ killStaleMs: 200 });
    bench.world.killError = new Error("disk");
    await expect.poll(async () => (await post(infer, body)).status, { timeout: 1000, interval: 20 }).toBe(503);
  });

  test("closes on a broken kill-epoch.json at start", async () => {
    await writeFile(join(bench.home, "kill-epoch.json"), '{"v":1,"epo');
    const { infer } = await served();
    await refused(await post(infer, body), 503, "KILLED");
  });

  test("leaves status readable while everything is killed", async () => {
    const { gateway, infer } = await served();
    await bench.world.kill("all", "");
    await gateway.refresh();
    await refused(await post(infer, body), 503, "KILLED");
    const status = (await (await fetch(`${gateway.url}/castellan/status`)).json()) as { kill: { kills: unknown[] } };
    expect(status.kill.kills).toMatchObject([{ scope: "all", why: "a test" }]);
  });
});

describe("who may call", () => {
  test("is nobody from elsewhere: the gateway does not start open to others without tokens", async () => {
    await expect(bench.startGateway({ host: "0.0.0.0" })).rejects.toThrow(expect.objectContaining({ code: "CONFIG" }));
  });

  test("is no web page: neither by Origin nor by a body that needs no preflight", async () => {
    const { infer } = await served();
    await refused(await post(infer, body, { origin: "https://evil.example" }), 403, "FORBIDDEN");
    await refused(await post(infer, body, { "content-type": "text/plain" }), 415, "UNSUPPORTED");
    expect(dummy.requests).toHaveLength(0);
  });

  test("is who holds a token, for its tenants only", async () => {
    const tokens = [
      { sha256: sha256Hex(utf8("admin-token")), principal: { name: "admin", tenants: "*" as const } },
      { sha256: sha256Hex(utf8("acme-token")), principal: { name: "acme-app", tenants: ["acme"] } },
    ];
    const { infer, gateway, version } = await served({ tokens });
    bench.world.promote("credit", version, { tenant: "acme" });
    await gateway.refresh();
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    await refused(await post(infer, body), 401, "FORBIDDEN");
    await refused(await post(infer, body, as("admin-toke")), 401, "FORBIDDEN");
    await refused(await post(infer, body, as("acme-token")), 403, "FORBIDDEN");
    expect((await post(infer, body, as("admin-token"))).status).toBe(200);
    const acme = `${gateway.url}/t/acme/v2/models/credit/infer`;
    expect((await post(acme, body, as("acme-token"))).status).toBe(200);
    expect(dummy.requests.at(-1)?.url).toBe(`/t/acme/v2/models/credit/versions/${version.slice(7)}/infer`);
    await refused(await fetch(`${gateway.url}/castellan/status`, { headers: as("acme-token") }), 403, "FORBIDDEN");
    expect((await recorded()).at(-2)).toMatchObject({ by: "acme-app", tenant: "acme" });
    expect(JSON.stringify(await recorded())).not.toContain("-token");
  });

  test("never reaches the model server with headers of its own choosing", async () => {
    const { infer } = await served();
    await post(infer, body, {
      authorization: "Bearer mine",
      cookie: "a=b",
      "x-castellan-version": "forged",
      te: "trailers",
    });
    const { headers } = dummy.requests[0]!;
    expect(headers.authorization).toBe(`Bearer ${dummy.endpoint.secret}`);
    expect(headers.cookie).toBeUndefined();
    expect(headers["x-castellan-version"]).toBeUndefined();
    expect(headers.te).toBeUndefined();
  });
});

describe("paths", () => {
  test.each([
    ["/", 404],
    ["/v2/models/unknown/infer", 404],
    ["/v2/models/credit/versions/staging/infer", 404],
    [`/v2/models/credit/versions/${"0".repeat(64)}/infer`, 404],
    ["/v2/models/../models/credit/infer", 404],
    ["/v2/models/%63redit/infer", 404],
    ["/v2//models/credit/infer", 404],
    ["/v2/models/credit/infer/", 404],
    ["/t/../v2/models/credit/infer", 404],
    ["/v2/models/credit", 405],
    ["/castellan/status", 405],
  ])("POST %s is %i", async (path, status) => {
    const { gateway } = await served();
    expect(await postRaw(gateway.url, path, body)).toBe(status);
    expect(dummy.requests).toHaveLength(0);
  });

  test("a misspelt model names the nearest", async () => {
    const { gateway } = await served();
    const error = await refused(await post(`${gateway.url}/v2/models/credti/infer`, body), 404, "NOT_FOUND");
    expect(error.next).toBe('Did you mean "credit"?');
  });

  test("a version may be named by alias, by digest, and by sha256: digest, if it is admitted", async () => {
    const { gateway, version } = await served();
    for (const label of ["prod", version.slice(7), version]) {
      expect((await post(`${gateway.url}/v2/models/credit/versions/${label}/infer`, body)).status).toBe(200);
    }
  });

  test("every route shows an implementation or a reason for every stage", async () => {
    const { gateway } = await served();
    const { routes } = (await (await fetch(`${gateway.url}/castellan/pipeline`)).json()) as {
      routes: { route: string; stages: { stage: string; step: string; none?: string }[] }[];
    };
    expect(routes).toHaveLength(8);
    for (const { stages } of routes) {
      expect(stages).toHaveLength(10);
      for (const { step, none } of stages) expect(step !== "none" || Boolean(none)).toBe(true);
    }
    expect(bench.notes.some((note) => note.includes("guards-in") && note.includes("/castellan/pipeline"))).toBe(true);
  });
});

describe("what the client got wrong", () => {
  test("columns: the reason names column, row and nearest name, through the real model server", async () => {
    const version = bench.world.addVersion(await creditFiles("logreg"));
    bench.world.promote("credit", version);
    await bench.startModels();
    const { url } = await bench.startGateway();
    const infer = `${url}/v2/models/credit/infer`;
    const typo = { ...applicant(), housng: "A152" } as Record<string, unknown>;
    delete typo["housing"];
    expect((await malformed(await post(infer, columnsBody(typo)))).next).toBe('Did you mean "housing"?');
    expect((await malformed(await post(infer, columnsBody(applicant({ purpose: "A411" }))))).message).toContain(
      '"purpose", row 0',
    );
    expect((await malformed(await post(infer, columnsBody(applicant({ age: "old" }))))).message).toContain(
      '"age" is a number',
    );
    const { age: _age, ...without } = applicant();
    expect((await malformed(await post(infer, columnsBody(without)))).message).toContain('"age" is missing');
  });
});

async function malformed(response: Response): Promise<ErrorBody["error"]> {
  return refused(response, 400, "MALFORMED");
}
