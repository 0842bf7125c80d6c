// Merkle tree arithmetic, RFC 9162 section 2.1. The shape of a proof follows from index and size alone; the proof
// supplies hashes, nothing else. Sizes are BigInt: a log may outgrow the whole numbers of this language.

import { hex, join, must } from "./bytes.js";

/** SHA-256 of `bytes`. */
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** The hash of a leaf: SHA-256(0x00 || entry). */
export const leafHash = (entry) => sha256(join([0], entry));

const nodeHash = (left, right) => sha256(join([1], left, right));

const bitLength = (number) => (number ? number.toString(2).length : 0);
const bitCount = (number) => number.toString(2).split("1").length - 1;
const isOdd = (number, level) => (number >> BigInt(level)) & 1n;

/** Checks that `hashes` lead from `leaf` at `index` to the `root` of `size` leaves. RFC 9162 section 2.1.3.2. */
export async function checkInclusion(hashes, index, size, leaf, root) {
  must(0n <= index && index < size, "outside", `0 … ${size}`, index);
  const inner = bitLength(index ^ (size - 1n));
  checkShape(hashes, inner + bitCount(index >> BigInt(inner)));
  let found = leaf;
  for (const [level, sibling] of hashes.slice(0, inner).entries()) {
    found = await (isOdd(index, level) ? nodeHash(sibling, found) : nodeHash(found, sibling));
  }
  checkRoot(await foldLeft(found, hashes.slice(inner)), root);
}

/** Checks that `hashes` show the tree of `next` leaves to begin with that of `old`. RFC 9162 section 2.1.4.2. */
export async function checkConsistency(hashes, old, next, oldRoot, newRoot) {
  must(1n <= old && old <= next, "outside", `1 … ${next}`, old);
  if (old === next) {
    checkShape(hashes, 0);
    checkRoot(newRoot, oldRoot);
    return;
  }
  const shift = bitLength(old & -old) - 1; // the complete subtree that ends the old tree
  const inner = bitLength((old - 1n) ^ (next - 1n)) - shift;
  const mask = (old - 1n) >> BigInt(shift);
  const known = old === 1n << BigInt(shift) ? 0 : 1;
  checkShape(hashes, inner + bitCount(mask >> BigInt(inner)) + known);
  let [first, second] = known ? [hashes[0], hashes[0]] : [oldRoot, oldRoot];
  for (const [level, sibling] of hashes.slice(known, known + inner).entries()) {
    if (isOdd(mask, level)) {
      first = await nodeHash(sibling, first);
      second = await nodeHash(sibling, second);
    } else {
      second = await nodeHash(second, sibling);
    }
  }
  checkRoot(await foldLeft(first, hashes.slice(known + inner)), oldRoot);
  checkRoot(await foldLeft(second, hashes.slice(known + inner)), newRoot);
}

async function foldLeft(found, lefts) {
  for (const left of lefts) found = await nodeHash(left, found);
  return found;
}

function checkShape(hashes, length) {
  must(hashes.length === length, "length", length, hashes.length);
  must(hashes.every((hash) => hash.length === 32), "form");
}

function checkRoot(found, root) {
  must(hex(found) === hex(root), "root", hex(root), hex(found));
}
