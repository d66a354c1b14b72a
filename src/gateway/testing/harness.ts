import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onnxRuntime } from "../../app/runtime/onnx.ts";
import { predicateTypeOf } from "../../core/statement.ts";
import type { Verdict } from "../../core/verdict.ts";
import { sha256Hex, utf8 } from "../../kit/bytes.ts";
import { type Digest, digestOfHex } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { type ModelServer, startModelServer } from "../../modelserver/server.ts";
import { encodeStatement, makeStatement, statementPayloadType } from "../../seal/in-toto.ts";
import { signEnvelope } from "../../seal/dsse.ts";
import { signerOf } from "../../seal/keys.ts";
import { fileKillMirror } from "../../serve/kill-mirror.ts";
import { killVerifier } from "../../serve/kill-statement.ts";
import type { KillSource, ServedAlias, UpstreamEndpoint } from "../../serve/ports.ts";
import { type Gateway, startGateway } from "../gateway.ts";
import type { GatewayOptions, GatewayPorts } from "../../serve/gateway-options.ts";

export const secret = "test-secret-test-secret-test-secret!";
const credit = new URL("../../../examples/credit/", import.meta.url);

export const systemClocks = { clock: { now: () => Date.now() }, monotonic: { now: () => performance.now() } };

/** What an operator can do to the things a gateway watches, in memory and without a store. */
export class World {
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
  readonly aliases = new Map<string, ServedAlias>();
  /** Digests the gate says no (or nothing) about, and why. */
  readonly verdicts = new Map<Digest, Partial<Verdict>>();
  readonly versions = new Map<Digest, ReadonlyMap<string, Uint8Array>>();
  revision = 1;
  killEpoch = 0;
  killStatements: Uint8Array[] = [];
  sourceError: Error | undefined;
  killError: Error | undefined;
  gateError: Error | undefined;
  admitted = 0;
  #sequence = 0;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    this.key = privateKey;
    this.publicKey = publicKey;
  }

  addVersion(files: Record<string, Uint8Array>): Digest {
    const digest = digestOfHex(
      sha256Hex(utf8(JSON.stringify(Object.entries(files).map(([p, b]) => [p, sha256Hex(b)])))),
    );
    this.versions.set(digest, new Map(Object.entries(files)));
    return digest;
  }

  promote(name: string, digest: Digest, more: Partial<ServedAlias> = {}): void {
    const row = {
      tenant: "default",
      name,
      alias: "prod",
      digest,
      canaryWeight: 0,
      sequence: ++this.#sequence,
      ...more,
    };
    this.aliases.set(`${row.tenant}/${name}/${row.alias}`, row);
    this.revision++;
  }

  judge(digest: Digest, verdict: Partial<Verdict> | undefined): void {
    if (verdict) this.verdicts.set(digest, verdict);
    else this.verdicts.delete(digest);
    this.revision++;
  }

  /** Signs and publishes a kill-switch statement. */
  async kill(
    scope: "all" | "tenant" | "model",
    target: string,
    killed = true,
    key: KeyObject = this.key,
  ): Promise<void> {
    const epoch = ++this.killEpoch;
    this.killStatements = [...this.killStatements, await signedKill(key, { epoch, scope, target, killed })];
    this.revision++;
  }

  gate = {
    admit: async (tenant: string, name: string, alias: string, version: Digest): Promise<Verdict> => {
      this.admitted++;
      if (this.gateError) throw this.gateError;
      const known =
        this.versions.has(version) ||
        [...this.aliases.values()].some(({ digest, canary }) => digest === version || canary === version);
      if (!known) return fail("NOT_FOUND", `There is no version ${version}`);
      return {
        outcome: "pass",
        tenant,
        name,
        alias,
        version,
        policy: { name: "test", digest: digestOfHex("0".repeat(64)) },
        evaluatedAt: "2026-01-01T00:00:00.000Z",
        requirements: [],
        ...this.verdicts.get(version),
      };
    },
  };

  source = {
    revision: async (): Promise<number> => {
      if (this.sourceError) throw this.sourceError;
      return this.revision;
    },
    snapshot: async (): Promise<readonly ServedAlias[]> => [...this.aliases.values()],
  };

  killSource: KillSource = {
    title: "the store",
    stamp: async () => {
      if (this.killError) throw this.killError;
      return `${this.revision}/${this.killStatements.length}`;
    },
    read: async () => this.killStatements,
  };

  bytes = {
    load: async (_tenant: string, digest: Digest): Promise<ReadonlyMap<string, Uint8Array>> =>
      this.versions.get(digest) ?? fail("NOT_FOUND", `No version ${digest}`),
  };
}

/** The envelope of a kill-switch statement signed with `key`. */
export async function signedKill(key: KeyObject, fact: object): Promise<Uint8Array> {
  const predicate = { why: "a test", at: "2026-01-01T00:00:00.000Z", ...fact };
  const subject = { name: "kill-switch", digest: { sha256: "0".repeat(64) } };
  const statement = makeStatement(predicateTypeOf("kill-switch"), predicate, [subject]);
  const envelope = await signEnvelope(statementPayloadType, encodeStatement(statement), [signerOf(key)]);
  return utf8(JSON.stringify(envelope));
}

/** The example's files for one version. */
export async function creditFiles(model: "logreg" | "mlp"): Promise<Record<string, Uint8Array>> {
  return {
    "encoding.json": await readFile(new URL("encoding.json", credit)),
    "model.onnx": await readFile(new URL(`${model}.onnx`, credit)),
  };
}

/** Everything started for one test, and how to take it down. */
export class Bench {
  readonly world = new World();
  endpoint: UpstreamEndpoint | undefined;
  notes: string[] = [];
  home = "";
  #gateways: Gateway[] = [];
  #modelServers: ModelServer[] = [];

  static async open(): Promise<Bench> {
    const bench = new Bench();
    bench.home = await mkdtemp(join(tmpdir(), "castellan-gateway-"));
    return bench;
  }

  async startModels(): Promise<ModelServer> {
    const server = await startModelServer({ versions: this.world.bytes, runtime: onnxRuntime() }, { secret });
    this.#modelServers.push(server);
    this.endpoint = server.endpoint;
    return server;
  }

  async startGateway(options: Partial<GatewayOptions> = {}, ports: Partial<GatewayPorts> = {}): Promise<Gateway> {
    const { world } = this;
    const gateway = await startGateway(
      {
        source: world.source,
        gate: world.gate,
        killSource: world.killSource,
        killMirror: fileKillMirror(join(this.home, "kill-epoch.json")),
        killVerifier: killVerifier([world.publicKey]),
        upstream: () => this.endpoint,
        ...systemClocks,
        ...ports,
      },
      { recordDir: join(this.home, "record"), note: (line) => this.notes.push(line), ...options },
    );
    this.#gateways.push(gateway);
    return gateway;
  }

  async close(): Promise<void> {
    await Promise.all(this.#gateways.map((gateway) => gateway.close()));
    await Promise.all(this.#modelServers.map((server) => server.close()));
    await rm(this.home, { recursive: true, force: true });
  }
}

/** An applicant as named raw columns: the first row of the example's test data. */
export function applicant(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    month: 48,
    credit_amount: 5951,
    investment_as_income_percentage: 2,
    residence_since: 2,
    age: 22,
    number_of_credits: 1,
    people_liable_for: 1,
    status: "A12",
    credit_history: "A32",
    purpose: "A43",
    savings: "A61",
    employment: "A73",
    personal_status: "A92",
    other_debtors: "A101",
    property: "A121",
    installment_plans: "A143",
    housing: "A152",
    skill_level: "A173",
    telephone: "A191",
    foreign_worker: "A201",
    ...change,
  };
}

/** The request body for one applicant. */
export function columnsBody(row: Record<string, unknown>): { inputs: Record<string, unknown>[] } {
  return {
    inputs: Object.entries(row).map(([name, value]) => ({
      name,
      datatype: typeof value === "string" ? "BYTES" : "FP64",
      shape: [1],
      data: [value],
    })),
  };
}

/** Sends JSON. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** Sends JSON to `path` exactly as written (fetch would tidy it first); resolves with the status. */
export function postRaw(origin: string, path: string, body: unknown): Promise<number> {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const sent = request(origin, { path, method: "POST", headers }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject);
    sent.end(text);
  });
}
