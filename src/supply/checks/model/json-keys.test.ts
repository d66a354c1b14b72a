import { expect, test } from "vitest";
import json from "../../../scan/readers/json.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import keys from "./json-keys.ts";

test("a repeated key is reported", async () => {
  const examined = await examine(json, Buffer.from('{"a": 1, "a": 2}'));
  expect(examined.see(keys)).toMatchObject([{ severity: "medium", key: "duplicate-key" }]);
});

test("plain JSON is not reported", async () => {
  expect((await examine(json, Buffer.from('{"a": {"b": 1}, "b": 2}'))).see(keys)).toEqual([]);
});
