import { expect, test } from "vitest";
import { judge } from "./judge.ts";
import { corpus } from "./samples.ts";

// The whole corpora run in corpus.slow.test.ts; here one sample in twelve.
test("of a twelfth of the malicious samples none is called safe", async () => {
  const malicious = corpus("malicious");
  if (malicious === undefined) return;
  const judged = await judge(
    malicious,
    malicious.samples.filter((_, index) => index % 12 === 0),
  );
  expect(judged.filter(({ calledSafe }) => calledSafe).map(({ sample }) => sample.id)).toEqual([]);
});
