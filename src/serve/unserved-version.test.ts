import { expect, test } from "vitest";
import type { Verdict } from "../core/verdict.ts";
import { digestOfHex } from "../kit/digest.ts";
import { CastellanError } from "../kit/errors.ts";
import { unservedVersion } from "./unserved-version.ts";

const digest = digestOfHex("ab".repeat(32));
const verdict = {
  outcome: "undecided",
  tenant: "default",
  name: "credit",
  alias: "prod",
  version: digest,
  requirements: [],
} as unknown as Verdict;

test("the gate is asked once while nothing changes, and again when something has", async () => {
  let asked = 0;
  let revision = 1;
  const unserved = unservedVersion({ admit: async () => (asked++, verdict) }, () => revision);
  await Promise.all([unserved("default", "credit", digest), unserved("default", "credit", digest)]);
  expect(asked).toBe(1);
  revision = 2;
  expect(await unserved("default", "credit", digest)).toBe(verdict);
  expect(asked).toBe(2);
});

test("a version that is not registered, or is another model's, is no version", async () => {
  const none = unservedVersion({ admit: () => Promise.reject(new CastellanError("NOT_FOUND", "no")) }, () => 1);
  expect(await none("default", "credit", digest)).toBeUndefined();
  const other = unservedVersion({ admit: async () => verdict }, () => 1);
  expect(await other("default", "pricing", digest)).toBeUndefined();
});
