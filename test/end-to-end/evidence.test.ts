import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalJson, type Json } from "../../src/kit/canonical-json.ts";
import { sha256Hex } from "../../src/kit/bytes.ts";
import { digestOfHex } from "../../src/kit/digest.ts";
import { signEnvelope } from "../../src/seal/dsse.ts";
import { statementPayloadType } from "../../src/seal/in-toto.ts";
import { parsePrivateKey, signerOf } from "../../src/seal/keys.ts";
import { castellan, type Finished, succeed } from "./castellan-process.ts";
import { demo, type DemoHomes, demoHomes, prove } from "./demo-home.ts";
import { flipByte } from "./tampering-tools.ts";

interface Layer {
  readonly id: string;
  readonly outcome: string;
  readonly detail: string;
  readonly code?: string;
}

let homes: DemoHomes;
let folder: string;

beforeAll(async () => {
  homes = await demoHomes();
  folder = homes.path("evidence");
  await succeed(["export", "credit", folder, "--home", homes.original]);
}, 60_000);
afterAll(() => homes?.[Symbol.dispose]());

/** A fresh copy of the evidence. */
const copy = (of = folder): string => {
  const to = homes.path("copy");
  cpSync(of, to, { recursive: true });
  return to;
};
const files = (of = folder): string[] =>
  readdirSync(of, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(of, path)).isFile());

async function verify(of: string, ...more: string[]): Promise<Finished & { readonly layers: readonly Layer[] }> {
  const done = await castellan(["verify-evidence", of, "--trust", homes.original, "--json", ...more]);
  return { ...done, layers: (done.json as { layers?: Layer[] } | undefined)?.layers ?? [] };
}
const firstBad = ({ layers }: { readonly layers: readonly Layer[] }): Layer | undefined =>
  layers.find(({ outcome }) => outcome !== "pass");

/** What an operator gone bad can do: change the index and sign it again, so that file digests match. */
async function resignIndex(of: string, claims: { readonly logSize?: number } = {}): Promise<void> {
  const path = join(of, "evidence.json");
  const envelope = JSON.parse(readFileSync(path, "utf8")) as { payload: string };
  const statement = JSON.parse(Buffer.from(envelope.payload, "base64").toString()) as {
    predicate: { files: { path: string; size: number; digest: string }[] };
  };
  Object.assign(statement.predicate, claims);
  statement.predicate.files = files(of)
    .filter((file) => file !== "evidence.json")
    .map((file) => {
      const bytes = readFileSync(join(of, file));
      return { path: file, size: bytes.length, digest: digestOfHex(sha256Hex(bytes)) };
    });
  const key = join(homes.original, "keys", "operator.pem");
  const signer = signerOf(await parsePrivateKey(readFileSync(key), key));
  const payload = Buffer.from(canonicalJson(statement as unknown as Json));
  writeFileSync(path, JSON.stringify(await signEnvelope(statementPayloadType, payload, [signer])));
}

describe("an evidence folder", () => {
  test("holds as it was exported, layer by layer, without home, server or network", async () => {
    const done = await verify(folder);
    expect(done).toMatchObject({ code: 0, json: { outcome: "pass", pinned: true } });
    expect(done.layers.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(
      ["folder", "log", "statements", "bytes", "signature", "provenance", "bom", "gate", "current", "live"].map(
        (id) => `${id} pass`,
      ),
    );
  });

  test("does not hold under somebody else's keys, whatever it says itself", async () => {
    const others = homes.copy();
    rmSync(join(others, "trust", "operator.pem"));
    await succeed(["keys", "new", "someone", "--home", others]);
    await succeed(["keys", "trust", "operator", join(others, "keys", "someone.pub.pem"), "--home", others]);
    const done = await castellan(["verify-evidence", folder, "--trust", others, "--json"]);
    expect(done.code).toBe(1);
    expect(firstBad(done.json as { layers: Layer[] })).toMatchObject({ id: "folder" });
    const unpinned = await castellan(["verify-evidence", folder]);
    expect(unpinned.code).toBe(0);
    expect(unpinned.err).toContain("pin them with --trust to know whose evidence this is");
  });

  test("any one of its files flipped, removed or added: refused, naming the file", async () => {
    // One of each kind here; every file in the slow tests.
    const kinds = [
      "model/model.onnx",
      "model.sig",
      "bom.cdx.json",
      "policy.yaml",
      "log/checkpoint",
      "trust/operator.pem",
    ];
    for (const path of kinds) {
      const one = copy();
      flipByte(join(one, path));
      expect([path, firstBad(await verify(one))]).toMatchObject([
        path,
        { id: "folder", code: "INTEGRITY", detail: `The file was altered (${path})` },
      ]);
    }
    const less = copy();
    rmSync(join(less, "model.sig"));
    const missing = await verify(less);
    expect(missing.code).toBe(1);
    expect(firstBad(missing)?.detail).toBe("A listed file is missing (model.sig)");
    const more = copy();
    writeFileSync(join(more, "model", "extra.bin"), "x");
    const added = await verify(more);
    expect(added.code).toBe(1);
    expect(firstBad(added)?.detail).toBe("The folder holds a file that the index does not list (model/extra.bin)");
  });

  test("index altered, or gone", async () => {
    const flipped = copy();
    flipByte(join(flipped, "evidence.json"));
    expect(await verify(flipped)).toMatchObject({ code: 1, layers: [{ id: "folder", outcome: "fail" }] });
    rmSync(join(flipped, "evidence.json"));
    const gone = await verify(flipped);
    expect(gone).toMatchObject({ code: 1, layers: [{ id: "folder", code: "NOT_FOUND" }] });
    expect(firstBad(gone)?.detail).toContain("evidence.json");
  });

  test.each([
    ["model/model.onnx", "bytes", "INTEGRITY"],
    ["log/checkpoint", "log", "INTEGRITY"],
    ["bom.cdx.json", "bom", "INTEGRITY"],
    ["model.sig", "signature", "INTEGRITY"],
  ])("%s altered by one who can sign the index anew: still refused, by layer %s", async (path, id, code) => {
    const forged = copy();
    if (path === "bom.cdx.json") {
      const bom = readFileSync(join(forged, path), "utf8");
      writeFileSync(join(forged, path), bom.replace("CC-BY-4.0", "MIT"));
    } else flipByte(join(forged, path));
    await resignIndex(forged);
    const done = await verify(forged);
    expect(done.code).toBe(1);
    const bad = firstBad(done);
    expect(bad?.id).toBe(id);
    expect([code, "SIGNATURE", "MALFORMED"]).toContain(bad?.code);
  });

  test("cannot be made of a model that is revoked, and an old one is refused against a newer checkpoint", async () => {
    const home = homes.copy();
    await succeed(["revoke", `credit@${demo.proven}`, "--why", "drill", "--home", home]);
    const refused = await castellan(["export", "credit", homes.path("late"), "--home", home, "--json"]);
    expect(refused).toMatchObject({ code: 1, error: { code: "REVOKED" } });
    // The old folder is as validly signed as ever; who knows a newer checkpoint is not taken in.
    const checkpoint = join(home, "log", "checkpoint");
    const stale = await verify(folder, "--checkpoint", checkpoint);
    expect(stale.code).toBe(1);
    expect(firstBad(stale)).toMatchObject({ id: "log", code: "INTEGRITY" });
    expect(firstBad(stale)?.detail).toMatch(/covers \d+ entries, but one for \d+ was signed before/);
  });

  test("an old folder dressed up with the present log shows the revocation", async () => {
    const home = homes.copy();
    await succeed(["revoke", `german-credit@${demo.dataset}`, "--why", "drill", "--home", home]);
    const dressed = copy();
    rmSync(join(dressed, "log"), { recursive: true });
    const { size } = await succeed<{ size: number }>(["ledger", "export", join(dressed, "log"), "--home", home]);
    await resignIndex(dressed, { logSize: size });
    const done = await verify(dressed);
    expect(done.code).toBe(1);
    expect(firstBad(done)).toMatchObject({ id: "current", code: "INTEGRITY" });
    expect(firstBad(done)?.detail).toMatch(
      /^The log holds a revocation about one of these versions that the folder does not show \(log entry \d+\)$/,
    );
  });

  test("of a version that is no longer what prod points to: refused, naming the later promotion", async () => {
    const home = homes.copy();
    await prove(home, demo.unproven);
    await succeed(["promote", `credit@${demo.unproven}`, "prod", "--home", home]);
    const stale = await verify(folder, "--checkpoint", join(home, "log", "checkpoint"));
    expect(stale).toMatchObject({ code: 1 });
    const fresh = homes.path("fresh");
    await succeed(["export", "credit", fresh, "--home", home]);
    expect(await verify(fresh)).toMatchObject({ code: 0, json: { subject: { version: demo.unproven } } });
  });
});
