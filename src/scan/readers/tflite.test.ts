import { expect, test } from "vitest";
import { writeTflite } from "../../formats/tflite/testing/write.ts";
import tflite from "./tflite.ts";
import { examine, memberText } from "./testing/examine.ts";

test("a model is recognised by its identifier, and what follows it is a member", async () => {
  const { certainty, incomplete, members } = await examine(
    tflite,
    Buffer.concat([writeTflite({}), Buffer.from("PK\u0003\u0004more")]),
  );
  expect([certainty, incomplete]).toEqual(["certain", []]);
  expect(members.map(memberText)).toEqual(["PK\u0003\u0004more"]);
  expect((await examine(tflite, writeTflite({}))).members).toEqual([]);
});
