import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex, utf8 } from "../kit/bytes.ts";
import { isCastellanError } from "../kit/errors.ts";
import {
  consistencyProof,
  emptyRoot,
  type HashReader,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOfHashes,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from "./merkle.ts";

// RFC 6962 §2.1 facts over the classic Certificate Transparency test leaves (recomputed).
const ctLeaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ctRoots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const leaves = (count: number) => Array.from({ length: count }, (_, i) => leafHash(utf8(`entry ${i}`)));

/** RFC 6962's recursive definition, written out: the oracle. */
function mth(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyRoot();
  if (hashes.length === 1) return hashes[0]!;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(mth(hashes.slice(0, split)), mth(hashes.slice(split)));
}

function readerOf(hashes: readonly Uint8Array[]): HashReader {
  return async (level, index) => {
    const width = 2 ** level;
    const range = hashes.slice(index * width, (index + 1) * width);
    if (range.length !== width) throw new Error(`asked for an incomplete subtree: level ${level}, index ${index}`);
    return mth(range);
  };
}

/** True when `check` accepts, false when it refuses with INTEGRITY; any other error is a failure. */
function holds(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (isCastellanError(error, "INTEGRITY")) return false;
    throw error;
  }
}

describe("the Merkle tree", () => {
  it("has the published root hashes", () => {
    const hashes = ctLeaves.map((hex) => leafHash(fromHex(hex)));
    for (const [size, root] of ctRoots.entries()) expect(toHex(rootOfHashes(hashes.slice(0, size)))).toBe(root);
  });

  it("has RFC 6962's shape at every size", async () => {
    const all = leaves(70);
    for (let size = 0; size <= all.length; size++) {
      const some = all.slice(0, size);
      expect(rootOfHashes(some)).toEqual(mth(some));
      expect(await treeRoot(readerOf(all), size)).toEqual(mth(some));
    }
  });

  it("proves every leaf of every small tree, and every pair of sizes", async () => {
    const all = leaves(34);
    const roots = all.map((_, i) => mth(all.slice(0, i))).concat([mth(all)]);
    const read = readerOf(all);
    for (let size = 1; size <= all.length; size++)
      for (let index = 0; index < size; index++)
        verifyInclusion(index, size, all[index]!, roots[size]!, await inclusionProof(read, index, size));
    for (let newer = 0; newer <= all.length; newer++)
      for (let older = 0; older <= newer; older++)
        verifyConsistency(older, roots[older]!, newer, roots[newer]!, await consistencyProof(read, older, newer));
  });

  it("refuses a proof for a missing leaf or a shrinking tree", async () => {
    const read = readerOf(leaves(4));
    await expect(inclusionProof(read, 4, 4)).rejects.toMatchObject({ code: "USAGE" });
    await expect(inclusionProof(read, -1, 4)).rejects.toMatchObject({ code: "USAGE" });
    await expect(inclusionProof(read, 0.5, 4)).rejects.toMatchObject({ code: "USAGE" });
    await expect(consistencyProof(read, 4, 3)).rejects.toMatchObject({ code: "USAGE" });
  });
});

const tree = fc.integer({ min: 1, max: 300 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    index: fc.integer({ min: 0, max: size - 1 }),
    older: fc.integer({ min: 1, max: size }),
  }),
);
const mutation = fc.record({
  kind: fc.constantFrom("flip", "drop", "repeat", "extend", "swap", "shorten"),
  at: fc.nat(),
  bit: fc.integer({ min: 0, max: 255 }),
});

function mutate(proof: readonly Uint8Array[], { kind, at, bit }: { kind: string; at: number; bit: number }) {
  const changed = proof.map((one) => Uint8Array.from(one));
  const place = proof.length > 0 ? at % proof.length : 0;
  const target = changed[place];
  if (!target || kind === "extend") return [...changed, new Uint8Array(32).fill(bit)];
  if (kind === "flip") target[bit >> 3]! ^= 1 << (bit & 7);
  if (kind === "drop") changed.splice(place, 1);
  if (kind === "repeat") changed.splice(place, 0, target);
  if (kind === "shorten") changed[place] = target.subarray(1);
  if (kind === "swap") {
    const other = (place + 1) % changed.length;
    if (other === place) return [...changed, target];
    [changed[place], changed[other]] = [changed[other]!, target];
  }
  return changed;
}

describe("a changed proof", () => {
  it("of inclusion never verifies", async () => {
    await fc.assert(
      fc.asyncProperty(tree, mutation, async ({ size, index }, change) => {
        const all = leaves(size);
        const root = rootOfHashes(all);
        const proof = await inclusionProof(readerOf(all), index, size);
        verifyInclusion(index, size, all[index]!, root, proof);
        expect(holds(() => verifyInclusion(index, size, all[index]!, root, mutate(proof, change)))).toBe(false);
        expect(holds(() => verifyInclusion(index, size, leafHash(utf8("another")), root, proof))).toBe(false);
        expect(holds(() => verifyInclusion(index, size, all[index]!, leafHash(utf8("r")), proof))).toBe(false);
        const elsewhere = (index + 1 + change.at) % size;
        if (elsewhere !== index)
          expect(holds(() => verifyInclusion(elsewhere, size, all[index]!, root, proof))).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it("of consistency never verifies", async () => {
    await fc.assert(
      fc.asyncProperty(tree, mutation, async ({ size, older }, change) => {
        const all = leaves(size);
        const [a, b] = [rootOfHashes(all.slice(0, older)), rootOfHashes(all)];
        const proof = await consistencyProof(readerOf(all), older, size);
        verifyConsistency(older, a, size, b, proof);
        expect(holds(() => verifyConsistency(older, a, size, b, mutate(proof, change)))).toBe(false);
        expect(holds(() => verifyConsistency(older, leafHash(utf8("r")), size, b, proof))).toBe(false);
        expect(holds(() => verifyConsistency(older, a, size, leafHash(utf8("r")), proof))).toBe(false);
        expect(holds(() => verifyConsistency(size + 1, a, size, b, proof))).toBe(false);
        if (older < size) expect(holds(() => verifyConsistency(older, a, size, b, []))).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it("never verifies with sizes no tree can have", () => {
    const one = leafHash(utf8("x"));
    for (const [index, size] of [
      [0, 0],
      [1, 1],
      [-1, 1],
      [0, 2 ** 53],
      [2 ** 64 - 1, 1],
      [Number.NaN, 1],
      [0.5, 1],
    ] as const)
      expect(holds(() => verifyInclusion(index, size, one, one, []))).toBe(false);
    expect(holds(() => verifyConsistency(0, one, 1, one, []))).toBe(false);
    expect(holds(() => verifyConsistency(0, emptyRoot(), 1, one, []))).toBe(true);
    expect(holds(() => verifyConsistency(0, emptyRoot(), 0, one, []))).toBe(false);
  });

  it("verifies in trees beyond 2^32 entries", () => {
    // A path of left siblings only: leaf 2^40 - 1 of 2^40.
    const proof = Array.from({ length: 40 }, (_, i) => leafHash(utf8(String(i))));
    const leaf = leafHash(utf8("leaf"));
    const root = proof.reduce((node, sibling) => nodeHash(sibling, node), leaf);
    expect(holds(() => verifyInclusion(2 ** 40 - 1, 2 ** 40, leaf, root, proof))).toBe(true);
    expect(holds(() => verifyInclusion(2 ** 40 - 2, 2 ** 40, leaf, root, proof))).toBe(false);
  });
});

interface ProofVector {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly leafHash: string;
  readonly root: string;
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

const vectors = new URL("../../../shared/data/vectors/merkle_proofs.json.gz", import.meta.url);

describe("the published proof vectors", () => {
  it.each(["inclusion", "consistency"] as const)("of %s are judged as published", (kind) => {
    if (!existsSync(vectors)) {
      console.log("not run: ../shared/data absent");
      return;
    }
    const text = gunzipSync(readFileSync(vectors)).toString();
    const cases = Object.entries((JSON.parse(text) as Record<typeof kind, Record<string, ProofVector>>)[kind]);
    expect(cases.length).toBe(98);
    const bytes = (base64: string | null) => Buffer.from(base64 ?? "", "base64");
    const wrong = cases.filter(([, one]) => {
      const proof = (one.proof ?? []).map(bytes);
      const good = holds(() =>
        kind === "inclusion"
          ? verifyInclusion(one.leafIdx, one.treeSize, bytes(one.leafHash), bytes(one.root), proof)
          : verifyConsistency(one.size1, bytes(one.root1), one.size2, bytes(one.root2), proof),
      );
      return good === one.wantErr;
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
  });
});
