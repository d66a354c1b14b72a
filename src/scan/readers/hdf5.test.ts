import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { hdf5Fixture } from "../../../test/support/hdf5-fixture.ts";
import { probeOf } from "../probe.ts";
import hdf5 from "./hdf5.ts";
import { examine, memberText } from "./testing/examine.ts";

test("attributes that are JSON are members, wherever the library puts them", async () => {
  for (const name of ["default", "latest"] as const) {
    const { certainty, incomplete, members } = await examine(hdf5, hdf5Fixture(name));
    expect([certainty, incomplete]).toEqual(["certain", []]);
    expect(members.map((member) => [member.name, memberText(member)])).toEqual([
      ["@model_config.json", '{"class_name": "Sequential", "config": {"layers": []}}'],
      ["@fixed.json", '{"a": 1}'],
    ]);
  }
});

test("what lies behind the end is a member, and leaves the file incomplete", async () => {
  const { incomplete, members } = await examine(
    hdf5,
    Buffer.concat([hdf5Fixture("default"), Buffer.from("cos\nsystem\n")]),
  );
  expect(incomplete).toHaveLength(1);
  expect(members.map(memberText)).toContain("cos\nsystem\n");
});

test("a file with foreign bytes before the signature is HDF5 too, as the library finds it", () => {
  const shifted = Buffer.concat([Buffer.alloc(512, 1), hdf5Fixture("default")]);
  expect(hdf5.recognise(probeOf(bytesSource(shifted), "x.h5"))).toBe("certain");
  expect(hdf5.recognise(probeOf(bytesSource(shifted.subarray(1)), "x.h5"))).toBe("no");
});
