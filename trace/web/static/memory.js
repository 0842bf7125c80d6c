// What this browser remembers of a log between visits: the keys it trusts, and the last checkpoint that it verified.
// Without a memory each visitor could be shown a log of their own.

import { base64, fromBase64, must, shape, Wrong } from "./bytes.js";
import { checkConsistency } from "./merkle.js";

const KEYS = "suyuan.keys ";
const SEEN = "suyuan.checkpoint ";

/**
 * The keys (vkeys) that this browser keeps for `log`, and whether the reader has them from elsewhere (`own`); no keys
 * on the first visit, or where it keeps nothing at all.
 */
export function recallKeys(log) {
  const { keys, own } = read(KEYS + log) || {};
  const found = Array.isArray(keys) ? keys.filter((one) => typeof one === "string") : [];
  return { keys: found, own: own === true };
}

/** Keeps `keys` for `log`, as `recallKeys` returns them; tells whether this browser keeps anything. */
export const keepKeys = (log, keys, own) => write(KEYS + log, { keys, own });

/** The checkpoint that was seen last, or null. `note` is what the log signed: evidence in an alarm. */
export function recallCheckpoint(log) {
  try {
    const found = shape(read(SEEN + log), { note: "string", root: "string", size: "string" });
    must(/^(0|[1-9][0-9]{0,18})$/.test(found.size), "form");
    return { note: found.note, root: fromBase64(found.root, 32), size: BigInt(found.size) };
  } catch {
    return null;
  }
}

/**
 * Checks `next`, a verified checkpoint, against the one seen last, and keeps the larger; returns what was found.
 *
 * A smaller one is no wrong in itself: a proof may stand under an earlier checkpoint that more witnesses cosigned. But
 * then the log must still lead to the larger one. `askProof(small, large)` fetches the hashes for that. Throws Wrong
 * with reason `rollback`, `fork` or `inconsistent`, both checkpoints as evidence; then the memory stays as it was. What
 * `askProof` throws passes through.
 */
export async function compareCheckpoint(log, next, askProof) {
  const old = recallCheckpoint(log);
  if (old) await checkGrowth(old, next, askProof);
  const latest = recallCheckpoint(log); // another tab may have seen more meanwhile
  const isKept = (latest && latest.size > next.size) || keepCheckpoint(log, next);
  if (!isKept) return { found: "forgetful", open: true };
  if (!old) return { found: "first", open: true, size: next.size };
  const found = next.size > old.size ? "grown" : next.size < old.size ? "older" : "same";
  return { found, old: old.size, size: next.size };
}

const keepCheckpoint = (log, { note, root, size }) =>
  write(SEEN + log, { note, root: base64(root), size: String(size) });

async function checkGrowth(old, next, askProof) {
  if (next.size === old.size) {
    must(base64(old.root) === base64(next.root), "fork", old.note, next.note);
    return;
  }
  const [small, large] = next.size < old.size ? [next, old] : [old, next];
  const hashes = await askProof(small.size, large.size);
  try {
    await checkConsistency(hashes, small.size, large.size, small.root, large.root);
  } catch {
    throw new Wrong(small === next ? "rollback" : "inconsistent", old.note, next.note);
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    const spelled = JSON.stringify(value);
    localStorage.setItem(name, spelled);
    return localStorage.getItem(name) === spelled;
  } catch {
    return false;
  }
}
