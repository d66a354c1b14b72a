import { hash } from "node:crypto";
import { equalBytes } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";

// The Merkle tree of RFC 6962 §2.1 over SHA-256. Verification follows RFC 9162 §2.1.3.2 and §2.1.4.2 (same trees and proofs).

/** Bytes of a hash in the tree. */
export const hashLength = 32;

/** Root hash of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return hash("sha256", new Uint8Array(0), "buffer");
}

/** SHA-256 of `bytes`. Taken as Latin-1 text: small external buffers cost more to make and collect than the hash itself. */
function digest(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash("sha256", bytes, "binary"), "latin1");
}

/** Hash of the leaf that holds `entry`: SHA-256(00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + entry.length);
  input[0] = 0;
  input.set(entry, 1);
  return digest(input);
}

/** Hash of the node above `left` and `right`: SHA-256(01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + 2 * hashLength);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + hashLength);
  return digest(input);
}

/** Root of the tree whose leaves (or equally high, complete subtrees) have `hashes`, in order. */
export function rootOfHashes(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyRoot();
  // Joining neighbours row by row and carrying an odd last one up gives RFC 6962's shape for every count.
  let row = hashes;
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i + 1 < row.length; i += 2) above.push(nodeHash(row[i]!, row[i + 1]!));
    if (row.length % 2 === 1) above.push(row.at(-1)!);
    row = above;
  }
  return row[0]!;
}

/** Hash of the complete subtree over leaves `index·2^level` up to (not including) `(index+1)·2^level`. */
export type HashReader = (level: number, index: number) => Promise<Uint8Array>;

/** Root of the tree of the first `size` leaves. */
export async function treeRoot(read: HashReader, size: number): Promise<Uint8Array> {
  return size === 0 ? emptyRoot() : rangeRoot(read, 0, size);
}

/**
 * The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1), nearest the leaf first.
 * @throws USAGE when there is no such leaf
 */
export async function inclusionProof(read: HashReader, index: number, size: number): Promise<Uint8Array[]> {
  if (!isCount(index) || !isCount(size) || index >= size)
    fail("USAGE", `a tree of ${size} entries has no entry ${index}`);
  const path: Uint8Array[] = [];
  let from = 0;
  let count = size;
  while (count > 1) {
    const left = largestPowerBelow(count);
    if (index - from < left) {
      path.push(await rangeRoot(read, from + left, count - left));
      count = left;
    } else {
      path.push(await rangeRoot(read, from, left));
      from += left;
      count -= left;
    }
  }
  return path.reverse();
}

/**
 * Proof that the tree of `newer` leaves begins with the tree of `older` leaves (RFC 6962 §2.1.2).
 * Empty when either is empty or both are the same.
 * @throws USAGE when `older` exceeds `newer`
 */
export async function consistencyProof(read: HashReader, older: number, newer: number): Promise<Uint8Array[]> {
  if (!isCount(older) || !isCount(newer) || older > newer)
    fail("USAGE", `a tree of ${newer} entries cannot be shown to extend one of ${older}`);
  if (older === 0 || older === newer) return [];
  const path: Uint8Array[] = [];
  let from = 0;
  let rest = older;
  let count = newer;
  while (rest !== count) {
    const left = largestPowerBelow(count);
    if (rest <= left) {
      path.push(await rangeRoot(read, from + left, count - left));
      count = left;
    } else {
      path.push(await rangeRoot(read, from, left));
      from += left;
      rest -= left;
      count -= left;
    }
  }
  // When the walk never turned right, the subtree it ends in is the older tree itself: the verifier has its root.
  if (from > 0) path.push(await rangeRoot(read, from, count));
  return path.reverse();
}

/**
 * Checks that the leaf with hash `leaf` is number `index` in the tree of `size` leaves with root `root`.
 * @throws INTEGRITY when the proof does not show that
 */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): void {
  const no = (why: string): never => fail("INTEGRITY", `the inclusion proof does not hold: ${why}`);
  if (!isCount(index) || !isCount(size) || index >= size) no(`a tree of ${size} entries has no entry ${index}`);
  checkHashes([leaf, root, ...proof], no);
  let place = index;
  let last = size - 1;
  let node = leaf;
  for (const sibling of proof) {
    if (last === 0) no("it is too long");
    if (place % 2 === 1 || place === last) {
      node = nodeHash(sibling, node);
      // A right edge without sibling was carried up: skip the levels where nothing was joined.
      while (place % 2 === 0 && place !== 0) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      node = nodeHash(node, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) no("it is too short");
  if (!equalBytes(node, root)) no("it leads to another root hash");
}

/**
 * Checks that the tree of `sizeB` leaves with root `rootB` extends the tree of `sizeA` leaves with root `rootA`.
 * The empty tree has {@link emptyRoot}; everything extends it.
 * @throws INTEGRITY when the proof does not show that
 */
export function verifyConsistency(
  sizeA: number,
  rootA: Uint8Array,
  sizeB: number,
  rootB: Uint8Array,
  proof: readonly Uint8Array[],
): void {
  const no = (why: string): never => fail("INTEGRITY", `the consistency proof does not hold: ${why}`);
  if (!isCount(sizeA) || !isCount(sizeB) || sizeA > sizeB) no(`${sizeB} entries cannot extend ${sizeA}`);
  if (sizeA === 0 && !equalBytes(rootA, emptyRoot())) no("the empty tree has another root hash");
  if (sizeA === sizeB && !equalBytes(rootA, rootB)) no("the same size has two root hashes");
  if (sizeA === 0 || sizeA === sizeB) {
    if (proof.length > 0) no("it should be empty");
    if (sizeA !== sizeB) checkHashes([rootB], no);
    return;
  }
  checkHashes([rootA, rootB, ...proof], no);
  let place = sizeA - 1;
  let last = sizeB - 1;
  while (place % 2 === 1) {
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  // place is 0 exactly when sizeA is a power of two: then the older root itself is where the path begins.
  const path = place === 0 ? [rootA, ...proof] : proof;
  const [first, ...others] = path;
  if (!first || proof.length === 0) return no("it is empty");
  let older = first;
  let newer = first;
  for (const sibling of others) {
    if (last === 0) no("it is too long");
    if (place % 2 === 1 || place === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (place % 2 === 0 && place !== 0) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      newer = nodeHash(newer, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) no("it is too short");
  if (!equalBytes(older, rootA)) no("it does not lead to the older root hash");
  if (!equalBytes(newer, rootB)) no("it does not lead to the newer root hash");
}

/** Root over leaves `from` … `from+count-1`, where `from` is a multiple of the largest power of two not above `count`. */
async function rangeRoot(read: HashReader, from: number, count: number): Promise<Uint8Array> {
  const complete: Uint8Array[] = [];
  let start = from;
  let rest = count;
  while (rest > 0) {
    const width = rest === 1 ? 1 : largestPowerBelow(rest + 1);
    complete.push(await read(Math.log2(width), start / width));
    start += width;
    rest -= width;
  }
  return complete.reduceRight((right, left) => nodeHash(left, right));
}

/** The largest power of two smaller than `n` (n ≥ 2). */
function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function checkHashes(hashes: readonly Uint8Array[], no: (why: string) => never): void {
  if (hashes.some((one) => one.length !== hashLength)) no("a hash in it is not 32 bytes long");
}
