import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readFile } from "node:fs/promises";
import { onnxRuntime } from "../app/runtime/onnx.ts";
import type { InferenceRuntime } from "../core/ports.ts";
import { type Digest, digestOfHex } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { type ModelServer, startModelServer } from "./server.ts";

const secret = "a-secret-of-more-than-32-characters";
const credit = new URL("../../examples/credit/", import.meta.url);
const digest = (letter: string): Digest => digestOfHex(letter.repeat(64));
const versions = new Map<Digest, ReadonlyMap<string, Uint8Array>>();
const loads: string[] = [];
let loadError: Error | undefined;
let server: ModelServer;

const bytes = {
  async load(tenant: string, of: Digest): Promise<ReadonlyMap<string, Uint8Array>> {
    loads.push(`${tenant}/${of}`);
    if (loadError) throw loadError;
    return versions.get(of) ?? fail("NOT_FOUND", "There is no such version");
  },
};

beforeAll(async () => {
  const encoding = await readFile(new URL("encoding.json", credit));
  const logreg = await readFile(new URL("logreg.onnx", credit));
  versions.set(
    digest("a"),
    new Map([
      ["encoding.json", encoding],
      ["model.onnx", logreg],
    ]),
  );
  versions.set(digest("b"), new Map([["model.onnx", await readFile(new URL("mlp.onnx", credit))]]));
  versions.set(digest("c"), new Map([["README.md", encoding]]));
  versions.set(
    digest("d"),
    new Map([
      ["a.onnx", logreg],
      ["b.onnx", logreg],
    ]),
  );
  versions.set(digest("e"), new Map([["model.onnx", logreg.subarray(0, 400)]]));
  const narrow = Buffer.from('{"version":1,"input":"input","columns":[{"column":"age","kind":"number"}]}');
  versions.set(
    digest("f"),
    new Map([
      ["encoding.json", narrow],
      ["model.onnx", logreg],
    ]),
  );
  server = await startModelServer({ versions: bytes, runtime: onnxRuntime() }, { secret });
});
afterAll(() => server.close());
afterEach(() => {
  loadError = undefined;
  loads.length = 0;
});

const path = (letter: string, rest = "") => `/v2/models/credit/versions/${letter.repeat(64)}${rest}`;

async function call(
  to: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${secret}` },
) {
  const response = await fetch(
    server.endpoint.origin + to,
    body === undefined
      ? { headers }
      : { method: "POST", headers, body: body instanceof Uint8Array ? body : JSON.stringify(body) },
  );
  const content = Buffer.from(await response.arrayBuffer());
  const headerLength = response.headers.get("inference-header-content-length");
  const json = JSON.parse(content.subarray(0, headerLength === null ? undefined : Number(headerLength)).toString());
  return {
    status: response.status,
    json,
    raw: headerLength === null ? undefined : content.subarray(Number(headerLength)),
  };
}

const zeros = { name: "input", datatype: "FP32", shape: [2, 61], data: Array.from({ length: 122 }, () => 0) };

describe("the model server", () => {
  test.each([
    ["no secret", {}],
    ["a wrong secret", { authorization: `Bearer ${secret}x` }],
    ["a prefix of the secret", { authorization: `Bearer ${secret.slice(0, -1)}` }],
    ["another scheme", { authorization: secret }],
  ])("lets nobody in with %s, not even to health", async (_what, headers) => {
    expect((await call("/v2/health/live", undefined, headers as Record<string, string>)).status).toBe(401);
    expect((await call(path("a", "/infer"), { inputs: [zeros] }, headers as Record<string, string>)).status).toBe(401);
    expect(loads).toEqual([]);
  });

  test("does not start with a secret that can be guessed", async () => {
    await expect(startModelServer({ versions: bytes, runtime: onnxRuntime() }, { secret: "short" })).rejects.toThrow(
      expect.objectContaining({ code: "CONFIG" }),
    );
  });

  test("speaks the open inference protocol", async () => {
    expect((await call("/v2")).json).toMatchObject({
      name: "castellan-modelserver",
      extensions: ["binary_tensor_data"],
    });
    expect((await call("/v2/health/live")).status).toBe(200);
    expect((await call("/v2/health/ready")).status).toBe(200);
    expect((await call(path("a", "/ready"))).json).toEqual({ name: "credit", ready: true });
    const { json } = await call(path("a"));
    expect(json).toMatchObject({
      name: "credit",
      versions: ["a".repeat(64)],
      inputs: [{ name: "input", datatype: "FP32", shape: [-1, 61] }],
      outputs: [{ name: "label" }, { name: "probabilities", shape: [-1, 2] }],
    });
    expect(json.parameters.columns[0]).toEqual({ name: "month", datatype: "FP32", shape: [-1] });
    expect(json.parameters.columns[7]).toMatchObject({
      name: "status",
      datatype: "BYTES",
      levels: ["A11", "A12", "A13", "A14"],
    });
  });

  test("answers tensors with label and probabilities, several versions at once", async () => {
    for (const version of ["a", "b", "a"]) {
      const { status, json } = await call(path(version, "/infer"), { id: "7", inputs: [zeros] });
      expect(status).toBe(200);
      expect(json).toMatchObject({ model_name: "credit", model_version: version.repeat(64), id: "7" });
      expect(json.outputs.map(({ name, shape }: { name: string; shape: number[] }) => [name, shape])).toEqual([
        ["label", [2]],
        ["probabilities", [2, 2]],
      ]);
    }
    expect(server.loaded().map((version) => version.digest)).toEqual([digest("b"), digest("a")]);
  });

  test("answers in bytes when asked to", async () => {
    const head = Buffer.from(
      JSON.stringify({
        inputs: [{ name: "input", datatype: "FP32", shape: [1, 61], parameters: { binary_data_size: 244 } }],
        outputs: [{ name: "probabilities", parameters: { binary_data: true } }],
      }),
    );
    const { json, raw } = await call(path("a", "/infer"), Buffer.concat([head, Buffer.alloc(244)]), {
      authorization: `Bearer ${secret}`,
      "inference-header-content-length": String(head.length),
    });
    expect(json.outputs[0].parameters.binary_data_size).toBe(8);
    expect(raw?.readFloatLE(4)).toBeCloseTo(0.97018385, 6);
  });

  test.each([
    ["an input the model lacks", { ...zeros, name: "inptu" }, 400],
    ["a shape the model does not take", { ...zeros, shape: [1, 122] }, 400],
    ["a datatype the model does not take", { ...zeros, datatype: "FP64" }, 400],
    ["data that does not fit the shape", { ...zeros, data: [1] }, 400],
  ])("%s is the client's error, by name", async (_what, input, status) => {
    const answer = await call(path("b", "/infer"), { inputs: [input] });
    expect(answer.status).toBe(status);
    expect(answer.json.error).toMatchObject({ code: "MALFORMED", message: expect.stringMatching(/inp/) });
  });

  test("named columns for a version without an encoding are refused, naming the inputs it has", async () => {
    const answer = await call(path("b", "/infer"), {
      inputs: [{ name: "age", datatype: "FP32", shape: [1], data: [1] }],
    });
    expect(answer.json.error.next).toContain("input");
  });

  test.each([
    ["that does not exist", "9", 404],
    ["without a model", "c", 503],
    ["with two models", "d", 503],
    ["with a broken model", "e", 503],
    ["whose encoding does not fit its model", "f", 503],
  ])("a version %s is refused with the reason, and asked for again next time", async (_what, letter, status) => {
    for (let round = 0; round < 2; round++)
      expect((await call(path(letter, "/infer"), { inputs: [zeros] })).status).toBe(status);
    expect(loads).toHaveLength(2);
  });

  test.each(["INTEGRITY", "REVOKED", "ERASED"] as const)(
    "bytes the registry refuses (%s) are not served",
    async (code) => {
      loadError = (() => {
        try {
          return fail(code, "The registry says no");
        } catch (error) {
          return error as Error;
        }
      })();
      const answer = await call(path("8", "/infer"), { inputs: [zeros] });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.json.error).toMatchObject({ code, message: expect.stringContaining("The registry says no") });
    },
  );

  test("equal bytes of two tenants are loaded for each", async () => {
    expect((await call(`/t/acme${path("b", "/ready")}`)).status).toBe(200);
    expect(loads).toEqual([`acme/${digest("b")}`]);
  });

  test.each([
    ["/v2/models/credit", 404],
    ["/v2/models/..%2f/versions/x/ready", 404],
    ["/v2/models/CREDIT/ready", 404],
    ["/nothing", 404],
    [path("a", "/infer"), 405],
  ])("GET %s is %i", async (to, status) => {
    expect((await call(to)).status).toBe(status);
  });
});

describe("versions in memory", () => {
  const slow = (delays: Map<string, PromiseWithResolvers<void>>, closed: string[]): InferenceRuntime => ({
    async load(model) {
      const name = Buffer.from(model).toString();
      return {
        inputs: [],
        outputs: [],
        async run() {
          await delays.get(name)?.promise;
          return new Map();
        },
        async close() {
          closed.push(name);
        },
      };
    },
  });
  const files = (name: string) => new Map([["m.onnx", Buffer.from(name)]]);

  test("share one load, stay within the budget, and close only when their last answer is out", async () => {
    const { VersionCache } = await import("./version-cache.ts");
    const { loadVersion } = await import("./loaded-version.ts");
    const closed: string[] = [];
    const delays = new Map([["one", Promise.withResolvers<void>()]]);
    const runtime = slow(delays, closed);
    let count = 0;
    const names = new Map([
      [digest("1"), "one"],
      [digest("2"), "two"],
      [digest("3"), "six"],
    ]);
    const cache = new VersionCache(async (_tenant, of) => {
      count++;
      return loadVersion(runtime, of, files(names.get(of)!));
    }, 6);
    const use = (of: string) => cache.use("t", digest(of), (version) => version.model.run(new Map()));
    const running = [use("1"), use("1")];
    await use("2");
    await use("3");
    expect(count).toBe(3);
    expect(cache.loaded.map((version) => version.digest)).toEqual([digest("2"), digest("3")]);
    expect(closed).toEqual([]);
    delays.get("one")!.resolve();
    await Promise.all(running);
    expect(closed).toEqual(["one"]);
    await use("1");
    expect(count).toBe(4);
    expect(closed).toEqual(["one", "two"]);
  });
});
