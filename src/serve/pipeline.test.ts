import { describe, expect, test } from "vitest";
import { Exchange, stages } from "./exchange.ts";
import { KillSwitch } from "./kill-switch.ts";
import { Pipeline, type ExchangeIo } from "./pipeline.ts";
import { refuse } from "./refusal.ts";
import { declaredNone, type ForwardStep, type Route, type Steps } from "./stages.ts";
import { readKillFact } from "./kill-statement.ts";
import { parseJson } from "../kit/json.ts";
import { utf8 } from "../kit/bytes.ts";

/** What happened to one exchange, in order. */
class Trace implements ExchangeIo {
  readonly events: string[] = [];
  readonly records: { readonly ending: string; readonly status: number; readonly code: string | undefined }[] = [];
  body = new Uint8Array(0);
  leave: (() => void) | undefined;
  recordError: Error | undefined;

  async readBody(): Promise<Uint8Array> {
    this.events.push("body");
    return this.body;
  }
  writeHead(status: number): void {
    this.events.push(`head ${status}`);
  }
  write(chunk: Uint8Array | string): boolean {
    this.events.push(`write ${Buffer.from(chunk).toString()}`);
    return true;
  }
  onceDrained(): void {}
  end(chunk?: Uint8Array | string): void {
    this.events.push(chunk === undefined ? "end" : `end ${Buffer.from(chunk).toString()}`);
  }
  destroy(): void {
    this.events.push("destroy");
  }
  onAbandoned(abort: () => void): void {
    this.leave = abort;
  }

  step(name: string) {
    return { name, run: () => void this.events.push(name) };
  }

  route(change: Partial<Steps> = {}): Route {
    const steps: Steps = {
      connection: this.step("connection"),
      authenticate: this.step("authenticate"),
      authorise: this.step("authorise"),
      limits: { ...this.step("limits"), maxBodyBytes: 10 },
      parse: this.step("parse"),
      "guards-in": this.step("guards-in"),
      route: this.step("route"),
      forward: { name: "forward", run: async (_exchange, sink) => answer(sink, "ok") },
      "guards-out": declaredNone("a test"),
      record: {
        name: "record",
        write: async ({ ending, status, code }) => {
          this.events.push(`record ${ending}`);
          this.records.push({ ending, status, code });
          if (this.recordError) throw this.recordError;
        },
      },
      ...change,
    };
    return { title: "POST /x", method: "POST", model: true, steps };
  }
}

function answer(sink: Parameters<ForwardStep["run"]>[1], text: string): void {
  sink.start(200, ["content-length", String(text.length)]);
  sink.push(utf8(text));
}

/** A kill switch that kills nothing. */
async function openKill(): Promise<KillSwitch> {
  const mirror = { title: "mirror", stamp: async () => "", read: async () => [], write: async () => {} };
  const source = { title: "store", stamp: async () => "", read: async () => [] };
  const verify = (bytes: Uint8Array) => readKillFact(parseJson(bytes, "fact"));
  const kill = new KillSwitch({ source, mirror, verify, monotonic: { now: () => 0 } });
  await kill.poll();
  return kill;
}

async function run(trace: Trace, route: Route, during?: (pipeline: Pipeline) => Promise<void>) {
  const kill = await openKill();
  const pipeline = new Pipeline([route], kill, { now: () => 5 });
  const head = { method: "POST", path: "/x", headers: {}, peer: "127.0.0.1", inFlight: 1 };
  const exchange = new Exchange("id", head, route.title, { tenant: "default", name: "m", label: "prod" }, 0);
  const running = pipeline.run(route, exchange, trace);
  await during?.(pipeline);
  await running;
  expect(pipeline.inFlight).toBe(0);
}

describe("the pipeline", () => {
  test("takes every request through every stage in order, and answers only after the record", async () => {
    const trace = new Trace();
    await run(trace, trace.route());
    expect(trace.events).toEqual([
      "connection",
      "authenticate",
      "authorise",
      "limits",
      "body",
      "parse",
      "guards-in",
      "route",
      "record answered",
      "head 200",
      "end ok",
    ]);
  });

  test.each(["connection", "authenticate", "authorise", "limits", "parse", "guards-in", "route"] as const)(
    "a refusal in %s ends it there, is recorded, and goes no further",
    async (stage) => {
      const trace = new Trace();
      const no = { name: stage, maxBodyBytes: 10, run: () => refuse(403, "FORBIDDEN", { message: "no" }) };
      await run(trace, trace.route({ [stage]: no }));
      expect(trace.records).toEqual([{ ending: stage, status: 403, code: "FORBIDDEN" }]);
      expect(trace.events.slice(-2)).toEqual(["head 403", 'end {"error":{"code":"FORBIDDEN","message":"no"}}']);
      expect(trace.events).not.toContain("forward");
    },
  );

  test("what is not ours to explain is not explained", async () => {
    const trace = new Trace();
    const broken = { name: "parse", run: () => JSON.parse("{/secret") as void };
    await run(trace, trace.route({ parse: broken }));
    expect(trace.events.join()).not.toContain("secret");
    expect(trace.records).toEqual([{ ending: "parse", status: 500, code: "INTERNAL" }]);
  });

  test("an answer that cannot be recorded is not given", async () => {
    const trace = new Trace();
    trace.recordError = new Error("disk");
    await run(trace, trace.route());
    expect(trace.events).toContain("head 500");
    expect(trace.events.join()).not.toContain("end ok");
  });

  test("an answer whose first part is out is cut when it cannot be recorded", async () => {
    const trace = new Trace();
    trace.recordError = new Error("disk");
    const forward: ForwardStep = {
      name: "f",
      async run(_exchange, sink) {
        sink.start(200, []);
        sink.push(utf8("x"));
        sink.push(utf8("y"));
      },
    };
    await run(trace, trace.route({ forward }));
    expect(trace.events.at(-1)).toBe("destroy");
    expect(trace.events.some((event) => event.startsWith("end"))).toBe(false);
  });

  test("an output guard sees every byte, and what it refuses is cut", async () => {
    const trace = new Trace();
    const seen: string[] = [];
    const guard = {
      push: (chunk: Uint8Array) => {
        seen.push(Buffer.from(chunk).toString());
        return seen.length > 1 ? refuse(403, "POLICY", { message: "leak" }) : chunk;
      },
      end: () => new Uint8Array(0),
    };
    const forward: ForwardStep = {
      name: "f",
      async run(_exchange, sink) {
        sink.start(200, []);
        for (const text of ["a", "b", "c"]) sink.push(utf8(text));
      },
    };
    await run(trace, trace.route({ forward, "guards-out": { name: "guard", open: () => guard } }));
    expect(seen).toEqual(["a", "b"]);
    expect(trace.events.filter((event) => event.startsWith("write"))).toEqual(["write a"]);
    expect(trace.records).toEqual([{ ending: "guards-out", status: 200, code: "POLICY" }]);
  });

  test("a client that leaves stops the upstream and is recorded as having left", async () => {
    const trace = new Trace();
    let aborted = false;
    const forward: ForwardStep = {
      name: "f",
      run: (_exchange, sink) =>
        new Promise((_, reject) => {
          sink.abandoned(() => {
            aborted = true;
            reject(new Error("aborted"));
          });
        }),
    };
    await run(trace, trace.route({ forward }), async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      trace.leave?.();
    });
    expect(aborted).toBe(true);
    expect(trace.records).toMatchObject([{ ending: "client-left" }]);
    expect(trace.events.some((event) => event.startsWith("head"))).toBe(false);
  });
});

describe("a route", () => {
  const refusedStart = async (steps: object, message: RegExp) => {
    const kill = await openKill();
    const route = new Trace().route(steps);
    expect(() => new Pipeline([route], kill, { now: () => 0 })).toThrow(
      expect.objectContaining({ code: "CONFIG", message: expect.stringMatching(message) }),
    );
  };

  test.each([...stages])("without %s stops the start", async (stage) => {
    await refusedStart({ [stage]: undefined }, /has no implementation/);
  });

  test.each(["connection", "limits", "route", "forward", "record"])("may not declare %s needless", async (stage) => {
    await refusedStart({ [stage]: { ...declaredNone("because"), maxBodyBytes: 0 } }, /no route may skip/);
  });

  test("that skips a stage must say why", async () => {
    await refusedStart({ "guards-in": declaredNone(" ") }, /without saying why/);
  });

  test("shows what it skips and why", async () => {
    const kill = await openKill();
    const pipeline = new Pipeline([new Trace().route()], kill, { now: () => 0 });
    expect(pipeline.describe()[0]?.stages.map(({ stage }) => stage)).toEqual([...stages]);
    expect(pipeline.describe()[0]?.stages.find(({ stage }) => stage === "guards-out")).toEqual({
      stage: "guards-out",
      step: "none",
      none: "a test",
    });
  });
});
