import { describe, expect, test } from "vitest";
import { bytesSource } from "../../../core/byte-source.ts";
import type { Asset, AssetKind, KnownFormat } from "../../../scan/asset-kinds.ts";
import mismatch from "./extension-mismatch.ts";

const format = (kind: string, runsCode = false): KnownFormat => ({
  kind: kind as AssetKind,
  title: `a ${kind}`,
  runsCode,
});
const pickle = format("pickle", true);
const safetensors = format("safetensors");
const zip = format("zip");

function see(extension: string, is: readonly KnownFormat[], expected: readonly KnownFormat[]) {
  const formats = is.map((known) => ({ ...known, certainty: "certain" as const }));
  const asset: Asset<"model-file"> = {
    kind: "model-file",
    path: `m${extension}`,
    name: `m${extension}`,
    source: bytesSource(new Uint8Array()),
    structure: { extension, formats, expected },
    depth: 0,
  };
  return [...mismatch.see(asset)];
}

describe("a name that is not what the bytes are", () => {
  test("is a finding, and a bad one when it disguises what runs code", () => {
    expect(see(".pkl", [safetensors], [pickle])).toMatchObject([{ severity: "medium" }]);
    expect(see(".safetensors", [pickle], [safetensors])).toMatchObject([
      {
        severity: "high",
        why: "it is called .safetensors, which is the name of a safetensors, but its content is a pickle",
      },
    ]);
  });

  test("is none when one of the formats fits, when no format claims the name, or when the content is unknown", () => {
    expect(see(".pt", [zip, pickle], [format("torch-zip", true), zip])).toEqual([]);
    expect(see(".whatever", [pickle], [])).toEqual([]);
    expect(see(".pkl", [], [pickle])).toEqual([]);
  });
});
