import { expect, test } from "vitest";
import { npyHeader, writeNpy } from "../../formats/npy/testing/write.ts";
import npy from "./npy.ts";
import { examine, memberText } from "./testing/examine.ts";

test("an array of numbers is read whole and has nothing inside", async () => {
  const { certainty, incomplete, members } = await examine(npy, writeNpy(npyHeader("'<f4'", "(2,)"), 8));
  expect({ certainty, incomplete, members }).toEqual({ certainty: "certain", incomplete: [], members: [] });
});

test("the pickle of an object array is a member to examine", async () => {
  const { incomplete, members } = await examine(
    npy,
    writeNpy(npyHeader("'|O'", "(1,)"), Buffer.from("cos\nsystem\n.")),
  );
  expect(incomplete).toEqual([]);
  expect(members.map((member) => [member.name, memberText(member)])).toEqual([["objects-0.pkl", "cos\nsystem\n."]]);
});

test("what follows the array is a member as well, and leaves the file incomplete", async () => {
  const bytes = Buffer.concat([writeNpy(npyHeader("'<f4'", "(2,)"), 8), Buffer.from("more")]);
  const { incomplete, members } = await examine(npy, bytes);
  expect(incomplete).toHaveLength(1);
  expect(members.map(memberText)).toEqual(["more"]);
});
