import { expect, test } from "vitest";
import { writeTflite } from "../../../formats/tflite/testing/write.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import tflite from "../../../scan/readers/tflite.ts";
import check from "./tflite-structure.ts";

test("is reported", async () => {
  const bytes = writeTflite({ inputs: [99] });
  expect((await examine(tflite, bytes)).see(check)).toMatchObject([{ severity: "high", key: "index" }]);
});

test("an ordinary model is not reported", async () => {
  const examined = await examine(tflite, writeTflite({ operators: [{ builtin: 3 }] }));
  expect([examined.see(check), examined.incomplete]).toEqual([[], []]);
});
