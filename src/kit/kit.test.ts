import fc from "fast-check";
import { expect, test } from "vitest";
import { onwardClock, steadyClock, timestamp } from "./clock.ts";
import { asDigest, digestOfHex, hexOfDigest, isDigest } from "./digest.ts";
import { durationMs } from "./duration.ts";
import { CastellanError, fail, isCastellanError } from "./errors.ts";
import type { Json } from "./canonical-json.ts";
import { atPointer } from "./json-pointer.ts";
import { parseJson } from "./json.ts";
import { nearest } from "./nearest.ts";

test("a clock set back repeats its last time instead of going backwards", () => {
  const times = [1_000, 2_000, 500, 2_500];
  const clock = steadyClock({ now: () => times.shift() ?? 0 });
  expect([clock.now(), clock.now(), clock.now(), clock.now()]).toEqual([1_000, 2_000, 2_000, 2_500]);
  expect(timestamp({ now: () => 0 })).toBe("1970-01-01T00:00:00.000Z");
});

test("a clock set back goes on at the pace of the monotonic one until the right time has caught up", () => {
  let wall = 1_000_000;
  let monotonic = 0;
  const clock = onwardClock({ now: () => wall }, { now: () => monotonic });
  expect(clock.now()).toBe(1_000_000);
  wall = 0;
  monotonic = 400;
  expect([clock.now(), clock.now()]).toEqual([1_000_400, 1_000_400]);
  monotonic = 900;
  expect(clock.now()).toBe(1_000_900);
  wall = 2_000_000;
  expect(clock.now()).toBe(2_000_000);
});

test("digests have one form", () => {
  const hex = "a".repeat(64);
  expect(hexOfDigest(digestOfHex(hex))).toBe(hex);
  for (const bad of ["", hex, `sha256:${hex}0`, `sha256:${hex.toUpperCase()}`, `sha512:${hex}`]) {
    expect(isDigest(bad)).toBe(false);
    expect(() => asDigest(bad)).toThrow(/not of the form/);
  }
});

test("durations are a number and a unit", () => {
  expect(durationMs("250ms")).toBe(250);
  expect(durationMs("30d")).toBe(2_592_000_000);
  for (const bad of ["30", "d", "-1d", "1.5h", "1 fortnight"]) expect(() => durationMs(bad)).toThrow(/duration/);
});

test("errors carry code, place, advice and the exit code of their code", () => {
  const error = new CastellanError("SIGNATURE", { message: "no", where: "model.sig", next: "sign again" });
  expect([error.code, error.where, error.next, error.exitCode]).toEqual(["SIGNATURE", "model.sig", "sign again", 1]);
  expect(() => fail("LIMIT", "too much")).toThrow(CastellanError);
  expect(isCastellanError(error, "SIGNATURE")).toBe(true);
  expect(isCastellanError(error, "LIMIT")).toBe(false);
  expect(isCastellanError(new Error("x"))).toBe(false);
});

test("JSON Pointer equals the examples of RFC 6901 section 5", () => {
  const document: Json = { foo: ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8 };
  expect(atPointer(document, "")).toEqual(document);
  expect(atPointer(document, "/foo/0")).toBe("bar");
  expect(atPointer(document, "/")).toBe(0);
  expect(atPointer(document, "/a~1b")).toBe(1);
  expect(atPointer(document, "/m~0n")).toBe(8);
  expect(atPointer(document, "/foo/01")).toBeUndefined();
  expect(atPointer(document, "/__proto__")).toBeUndefined();
  expect(() => atPointer(document, "foo")).toThrow(/JSON Pointer/);
});

test("JSON larger than its bound, or not JSON, is refused by name", () => {
  expect(() => parseJson("[1,2,3]", "the list", 3)).toThrow(/the list is larger/);
  expect(() => parseJson("{", "the list")).toThrow(/the list is not valid JSON/);
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        parseJson(bytes, "noise");
      } catch (error) {
        expect(isCastellanError(error, "MALFORMED")).toBe(true);
      }
    }),
  );
});

test("the nearest candidate is found when it is near, and only then", () => {
  expect(nearest("docter", ["doctor", "verify"])).toBe("doctor");
  expect(nearest("xyzzy", ["doctor", "verify"])).toBeUndefined();
});
