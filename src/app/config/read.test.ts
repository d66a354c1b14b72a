import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isCastellanError } from "../../kit/errors.ts";
import { vkeyOf } from "../../ledger/vkey.ts";
import { generateKey } from "../../seal/keys.ts";
import { parseConfig, readSettings } from "./read.ts";
import type { SettingsSources } from "./read.ts";
import { completeSettings } from "./settings.ts";
import { configTemplate } from "./template.ts";
import { overrides, unknownVariables } from "./variables.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "castellan-config-"));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

function settings(parts: Partial<SettingsSources> & { readonly file?: string } = {}) {
  if (parts.file !== undefined) writeFileSync(join(cwd, "castellan.yaml"), parts.file);
  return readSettings({ cwd, env: {}, options: {}, ...parts }).settings;
}

function complaint(work: () => unknown): string {
  try {
    work();
    return "";
  } catch (error) {
    if (!isCastellanError(error)) throw error;
    return `${error.code} ${error.where ?? ""}: ${error.message} | ${error.next ?? ""}`;
  }
}

describe("settings", () => {
  test("without a file are the defaults", () => {
    expect(settings()).toEqual({
      home: join(cwd, ".castellan"),
      policy: join(cwd, ".castellan", "policy.yaml"),
      gateway: { host: "127.0.0.1", port: 8080 },
      store: { url: undefined },
      blobs: { s3: undefined },
      log: { origin: "castellan.local/log", witnesses: [], quorum: 0 },
    });
    expect(readSettings({ cwd, env: {}, options: {} }).file).toBeUndefined();
  });

  test("of the template are the defaults, whether commented out or not", () => {
    expect(settings({ file: configTemplate() })).toEqual(settings());
    const witness = vkeyOf("witness.example", generateKey("ed25519").publicKey);
    const open = configTemplate()
      .replace("witness.example+0123abcd+BASE64", witness)
      .replaceAll(/^# (?=[a-z]+:|  )/gm, "");
    const all = completeSettings(
      parseConfig(open, "t.yaml", cwd),
      { CASTELLAN_BLOBS_S3_ACCESS_KEY_ID: "a", CASTELLAN_BLOBS_S3_SECRET_ACCESS_KEY: "b" },
      cwd,
    );
    expect(all).toEqual({
      ...settings(),
      store: { url: "postgres://castellan@db.example/castellan" },
      blobs: {
        s3: {
          endpoint: "https://s3.example",
          bucket: "castellan",
          region: "us-east-1",
          accessKeyId: "a",
          secretAccessKey: "b",
        },
      },
      log: { origin: "castellan.local/log", witnesses: [{ url: "https://witness.example", vkey: witness }], quorum: 1 },
    });
  });

  test("are taken from defaults, file, variables and options, the later winning", () => {
    const file = "home: h\ngateway: {host: 0.0.0.0, port: 1}\n";
    expect(settings({ file }).gateway).toEqual({ host: "0.0.0.0", port: 1 });
    expect(settings({ file, env: { CASTELLAN_GATEWAY_PORT: "2" } }).gateway).toEqual({ host: "0.0.0.0", port: 2 });
    expect(settings({ file, env: { CASTELLAN_GATEWAY_PORT: "2" }, options: { port: "0" } }).gateway.port).toBe(0);
    expect(settings({ file, env: { CASTELLAN_GATEWAY_PORT: "" } }).gateway.port).toBe(1);
    expect(settings({ file }).home).toBe(join(cwd, "h"));
    expect(settings({ file, env: { CASTELLAN_HOME: "e" } }).home).toBe(join(cwd, "e"));
    expect(settings({ file, env: { CASTELLAN_HOME: "e" }, options: { home: "/o" } })).toMatchObject({
      home: "/o",
      policy: join("/o", "policy.yaml"),
    });
  });

  test("of a file elsewhere are relative to that file", () => {
    mkdirSync(join(cwd, "etc"));
    writeFileSync(join(cwd, "etc", "c.yaml"), "home: ../state\npolicy: p.yaml\n");
    for (const sources of [{ options: { config: "etc/c.yaml" } }, { env: { CASTELLAN_CONFIG: "etc/c.yaml" } }]) {
      const loaded = readSettings({ cwd, env: {}, options: {}, ...sources });
      expect(loaded.file).toBe(join(cwd, "etc", "c.yaml"));
      expect(loaded.settings).toMatchObject({ home: join(cwd, "state"), policy: join(cwd, "etc", "p.yaml") });
    }
  });

  test("take the store from CASTELLAN_STORE_URL before DATABASE_URL", () => {
    expect(settings({ env: { DATABASE_URL: "postgres://a/b" } }).store.url).toBe("postgres://a/b");
    expect(settings({ env: { DATABASE_URL: "postgres://a/b", CASTELLAN_STORE_URL: "postgres://c/d" } }).store.url).toBe(
      "postgres://c/d",
    );
  });

  test("can name an object store by variables alone", () => {
    const env = {
      CASTELLAN_BLOBS_S3_ENDPOINT: "http://127.0.0.1:4568",
      CASTELLAN_BLOBS_S3_BUCKET: "castellan",
      CASTELLAN_BLOBS_S3_ACCESS_KEY_ID: "id",
      CASTELLAN_BLOBS_S3_SECRET_ACCESS_KEY: "secret",
    };
    expect(settings({ env }).blobs.s3).toEqual({
      endpoint: "http://127.0.0.1:4568",
      bucket: "castellan",
      region: "us-east-1",
      accessKeyId: "id",
      secretAccessKey: "secret",
    });
    const { CASTELLAN_BLOBS_S3_BUCKET: _, ...withoutBucket } = env;
    expect(complaint(() => settings({ env: withoutBucket }))).toMatch(
      /^CONFIG CASTELLAN_BLOBS_S3_BUCKET: blobs\.s3\.bucket is missing/,
    );
    const { CASTELLAN_BLOBS_S3_SECRET_ACCESS_KEY: __, ...withoutSecret } = env;
    expect(complaint(() => settings({ env: withoutSecret }))).toMatch(/Set CASTELLAN_BLOBS_S3_SECRET_ACCESS_KEY/);
  });
});

describe("what is wrong with settings is said with its place", () => {
  const vkey = vkeyOf("w.example", generateKey("ed25519").publicKey);
  test.each([
    [
      "an unknown key",
      "gateway:\n  prot: 1",
      /^CONFIG castellan\.yaml:2:3: gateway\.prot is not a known key \| Did you mean "port"\?/,
    ],
    ["a wrong type", "gateway: {port: http}", /^CONFIG castellan\.yaml:1:17: gateway\.port must be a whole number/],
    [
      "a store that is no PostgreSQL",
      "store: {url: mysql://x}",
      /store\.url is .* does not have the form it needs \| postgres/,
    ],
    [
      "an address with a secret in it",
      "blobs: {s3: {endpoint: 'https://a:b@s3.example', bucket: abc}}",
      /without user name/,
    ],
    [
      "a witness key that is none",
      "log: {witnesses: [{url: 'https://w.example', vkey: abc}]}",
      /^CONFIG castellan\.yaml:1:52: log\.witnesses\[0\]\.vkey is not a witness key/,
    ],
    [
      "a witness twice",
      `log:\n  witnesses:\n    - {url: 'https://w.example', vkey: ${vkey}}\n    - {url: 'https://v.example', vkey: ${vkey}}`,
      /^CONFIG castellan\.yaml:4:.*each counts once/,
    ],
    ["a quorum nobody can meet", "log: {quorum: 1}", /asks for 1 of 0 witnesses and can never be met/],
  ])("%s", (_, file, says) => {
    expect(complaint(() => settings({ file }))).toMatch(says);
  });

  test("a variable by its name, an option by its name", () => {
    expect(complaint(() => settings({ env: { CASTELLAN_GATEWAY_PORT: "http" } }))).toMatch(
      /^CONFIG CASTELLAN_GATEWAY_PORT: CASTELLAN_GATEWAY_PORT must be a whole number, but is the text "http"/,
    );
    expect(complaint(() => settings({ options: { port: "70000" } }))).toMatch(
      /^USAGE --port: --port is 70000, above 65535/,
    );
  });

  test("a file that was named and is not there, that is too large, or no text", () => {
    expect(complaint(() => settings({ options: { config: "none.yaml" } }))).toMatch(/^NOT_FOUND .*none\.yaml/);
    expect(complaint(() => settings({ file: "#".repeat(2_000_000) }))).toMatch(/^LIMIT/);
    writeFileSync(join(cwd, "castellan.yaml"), Buffer.from([0xff, 0xfe, 0x00]));
    expect(complaint(() => settings())).toMatch(/^MALFORMED .*not valid UTF-8/);
  });

  test("a variable that looks like ours and means nothing is warned about with the nearest known one", () => {
    const env = { CASTELLAN_GATEWAY_PROT: "1", CASTELLAN_TESTS: "slow", PATH: "/bin" };
    expect(readSettings({ cwd, env, options: {} }).warnings).toEqual([
      "the variable CASTELLAN_GATEWAY_PROT is not known and does nothing; did you mean CASTELLAN_GATEWAY_PORT?",
    ]);
    expect(unknownVariables(Object.fromEntries(overrides.map(({ variable }) => [variable, "x"])))).toEqual([]);
  });
});
