import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hexOfDigest, type Digest } from "../../src/kit/digest.ts";
import { castellan, isRunning, serve, succeed } from "./castellan-process.ts";

export const example = fileURLToPath(new URL("../../examples/credit", import.meta.url));

/** What the demo registers; the same bytes are the same digests on every machine. */
export const demo = {
  dataset: "sha256:750142110519122423c9bd66101c5e8344dce69550ecc85db832b2ff3e7fabdf",
  /** The logistic regression, proven and in service. */
  proven: "sha256:aa2d284178f07a06227bd8793db1d12f9d33df8126e9c5026ea3643375481aed",
  /** The neural network, registered and nothing more. */
  unproven: "sha256:143dc7fe046f47f550539f2c8a2f71ef89d99f0dc517e32549cc5822f211524e",
} as const satisfies Record<string, Digest>;

export const hex = { proven: hexOfDigest(demo.proven), unproven: hexOfDigest(demo.unproven) };

/** A prepared home, and copies of it to work on; disposing removes them all. */
export interface DemoHomes extends Disposable {
  /** The home as `castellan up --demo` left it; look, do not touch. */
  readonly original: string;
  /** The same with the neural network proven too, though not promoted; the original itself unless asked for. */
  readonly bothProven: string;
  /** A fresh copy of `original`, or of `of`. */
  copy(of?: string): string;
  /** A fresh path for whatever a test writes. */
  path(name: string): string;
}

/** Homes that were prepared in this process: test files that share it share them. Nobody writes to them. */
const prepared = new Map<"original" | "bothProven", Promise<string>>();

function once(name: "original" | "bothProven", make: () => Promise<string>): Promise<string> {
  const known = prepared.get(name) ?? make();
  prepared.set(name, known);
  return known;
}

const sharedPrefix = "castellan-demo-";

/** A folder for all test files of this process. Test workers are ended without notice, so the next run removes what is left. */
function sharedFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const owner = Number(new RegExp(`^${sharedPrefix}(\\d+)-`).exec(name)?.[1]);
    if (owner > 0 && !isRunning(owner)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtempSync(join(tmpdir(), `${sharedPrefix}${process.pid}-`));
}

const original = (): Promise<string> =>
  once("original", async () => {
    const home = join(sharedFolder(), "home");
    await (await serve(home, ["--demo"])).stop();
    return home;
  });

const bothProven = (): Promise<string> =>
  once("bothProven", async () => {
    const home = join(sharedFolder(), "home");
    cpSync(await original(), home, { recursive: true });
    await prove(home, demo.unproven);
    return home;
  });

/** Sets the demo up with the real processes, once; tests take copies. */
export async function demoHomes(options: { readonly bothProven?: boolean } = {}): Promise<DemoHomes> {
  const folder = mkdtempSync(join(tmpdir(), "castellan-e2e-"));
  const first = await original();
  let count = 0;
  return {
    original: first,
    bothProven: options.bothProven ? await bothProven() : first,
    copy(of = first) {
      const to = join(folder, `home-${++count}`);
      cpSync(of, to, { recursive: true });
      return to;
    },
    path: (name) => join(folder, `${++count}-${name}`),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Signs what the demo's policy wants of a model. */
export async function prove(home: string, version: Digest): Promise<void> {
  const ref = `credit@${version}`;
  const run = ["--predicate", join(example, "run.yaml"), "--key", "trainer"];
  await succeed(["attest", ref, "training-run", ...run, "--home", home]);
  await succeed(["attest", ref, "model-scan", "--home", home]);
  await succeed(["attest", ref, "model-signature", "--home", home]);
}

/** The outcome of the gate for a version, and the requirements that do not pass, as `castellan gate` tells them. */
export async function askGate(home: string, version: Digest = demo.proven) {
  const done = await castellan(["gate", `credit@${version}`, "--dry-run", "--home", home, "--json"]);
  const verdict = done.json as
    | { outcome?: string; requirements?: { id: string; outcome: string; reason: string }[] }
    | undefined;
  return {
    code: done.code,
    outcome: verdict?.outcome,
    error: done.error,
    open: (verdict?.requirements ?? []).filter(({ outcome }) => outcome !== "pass"),
    text: done.out,
  };
}

/** The rows of the example's test data, by column. */
export function applicants(): readonly { readonly [column: string]: string }[] {
  const [header = "", ...lines] = readFileSync(join(example, "data", "test.csv"), "utf8")
    .trim()
    .split(/\r?\n/);
  const names = header.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, i) => [names[i]!, value])));
}
