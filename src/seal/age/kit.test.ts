import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import * as testKit from "cctv-age";
import { describe, expect, it } from "vitest";
import { CastellanError } from "../../kit/errors.ts";
import { dearmorStream } from "./armor.ts";
import { decryptBytes, decryptStream } from "./decrypt.ts";
import type { Identity } from "./file-key.ts";

/** One vector of the official age test kit (C2SP CCTV): what to decrypt, with what, and what must come of it. */
interface Vector {
  readonly name: string;
  readonly expect: string;
  readonly payload: string | undefined;
  readonly identities: readonly Identity[];
  readonly armored: boolean;
  readonly file: Uint8Array;
}

function parseVector(name: string, bytes: Uint8Array): Vector {
  const all = Buffer.from(bytes);
  const split = all.indexOf("\n\n");
  const fields = all
    .toString("utf8", 0, split)
    .split("\n")
    .map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)] as const);
  const one = (key: string) => fields.find(([name]) => name === key)?.[1];
  const every = (key: string) => fields.filter(([name]) => name === key).map(([, value]) => value);
  const body = all.subarray(split + 2);
  return {
    name,
    expect: one("expect") ?? "",
    payload: one("payload"),
    identities: [...every("identity"), ...every("passphrase").map((passphrase) => ({ passphrase }))],
    armored: one("armored") === "yes",
    file: one("compressed") === "zlib" ? inflateSync(body) : body,
  };
}

/** The test kit's word for an error of ours. */
function verdictOf(error: unknown): string {
  if (!(error instanceof CastellanError)) return `crash: ${String(error)}`;
  const { code, where } = error;
  if (code === "FORBIDDEN") return "no match";
  if (code === "MALFORMED") return where === "age armor" ? "armor failure" : "header failure";
  if (code === "INTEGRITY") return where === "age header MAC" ? "HMAC failure" : "payload failure";
  return code;
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function outcome(vector: Vector, pieceSize: number): Promise<{ verdict: string; released: string }> {
  const released = createHash("sha256");
  const source = pieces(vector.file, pieceSize);
  try {
    const plain = decryptStream(vector.armored ? dearmorStream(source) : source, vector.identities);
    for await (const part of plain) released.update(part);
    return { verdict: "success", released: released.digest("hex") };
  } catch (error) {
    return { verdict: verdictOf(error), released: released.digest("hex") };
  }
}

const vectors = Object.entries(testKit).map(([name, bytes]) => parseVector(name, bytes));

describe("the official age test kit", () => {
  it("holds the vectors we think it holds", () => {
    expect(vectors.length).toBe(143);
    for (const { name, expect: expected } of vectors)
      expect(
        ["success", "no match", "HMAC failure", "header failure", "payload failure", "armor failure"],
        name,
      ).toContain(expected);
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))("%s", async (_, vector) => {
    for (const size of vector.file.length > 100_000 ? [65_536] : [1, 100, 65_536]) {
      const { verdict, released } = await outcome(vector, size);
      expect(verdict).toBe(vector.expect);
      if (vector.payload) expect(released).toBe(vector.payload);
    }
    if (vector.armored) return;
    const whole = await decryptBytes(vector.file, vector.identities).then(
      () => "success",
      (error: unknown) => verdictOf(error),
    );
    expect(whole).toBe(vector.expect);
  });
});
