import fc from "fast-check";
import { expect, test } from "vitest";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import type { Meter } from "../reading/meter.ts";
import { unmetered } from "../reading/meter.ts";
import { mutations } from "../reading/testing/mutations.ts";
import { parseHdf5 } from "./parse.ts";
import type { Hdf5File } from "./parse.ts";
import { hdf5Fixture } from "../../../test/support/hdf5-fixture.ts";

const parse = (bytes: Uint8Array, meter: Meter = unmetered): Hdf5File => parseHdf5(bytesSource(bytes), meter);
const textsOf = ({ texts }: Hdf5File): string[] =>
  texts.map(({ path, bytes }) => `${path}=${Buffer.from(bytes).toString()}`).toSorted();

test("the default and the newest layout are read to the same content, with nothing left over", () => {
  const [older, newer] = [parse(hdf5Fixture("default")), parse(hdf5Fixture("latest"))];
  for (const { objects, attributes, gaps, flaws, leftovers } of [older, newer]) {
    expect([objects, attributes.length, gaps, flaws]).toEqual([17, 15, [], []]);
    expect(leftovers.filter(({ content }) => content !== "zeros")).toEqual([]);
  }
  expect(textsOf(older)).toEqual(textsOf(newer));
  expect(textsOf(older)).toContain("/g@a11=v11");
});

test("values in other files are found: external links, external storage, virtual datasets", () => {
  const { flaws, gaps } = parse(hdf5Fixture("outside"));
  expect(gaps).toEqual([]);
  expect(flaws.map(({ rule, why }) => `${rule}: ${why}`).toSorted()).toEqual([
    'outside: /x leads into the file "/etc/passwd /a" (an external link)',
    'outside: dataset /e takes its values from the file "/etc/passwd" (external storage)',
    'outside: dataset /v takes its values from the file "/tmp/other.h5" (a virtual dataset)',
  ]);
});

test("bytes before, behind and missing are told", () => {
  const file = hdf5Fixture("default");
  expect(parse(Buffer.concat([file, Buffer.from("x")])).leftovers.at(-1)).toMatchObject({
    place: "behind the file's end",
    length: 1,
  });
  expect(parse(file.subarray(0, file.length - 8)).flaws).toMatchObject([{ rule: "cut" }]);
});

test("every damaged file ends in a structure or in one of our errors, within bounds", () => {
  for (const name of ["default", "latest", "outside"] as const) {
    fc.assert(
      fc.property(mutations(hdf5Fixture(name)), (bytes) => {
        let ticks = 0;
        let held = 0;
        try {
          parse(bytes, {
            tick: () => void ticks++,
            hold: (more) => void (held += more),
          });
        } catch (error) {
          if (!isCastellanError(error, "MALFORMED", "LIMIT", "UNSUPPORTED")) throw error;
        }
        expect(ticks).toBeLessThan(500_000);
        expect(held).toBeLessThan(20_000_000);
      }),
      { numRuns: 250 },
    );
  }
});

test("real files of Keras and h5py are accounted for", () => {
  for (const path of ["digits/fashion_cnn.h5", "digits/fashion_cnn.weights.h5", "misc/weights_only.h5"]) {
    const bytes = referenceModel(path);
    if (!bytes) return;
    const { gaps, flaws, leftovers } = parse(bytes);
    expect([gaps, flaws, leftovers.filter(({ content }) => content !== "zeros")], path).toEqual([[], [], []]);
  }
});
