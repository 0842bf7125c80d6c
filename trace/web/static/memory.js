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
 * Checks `next`, a verified checkpoint, against the one seen last, and keeps it; returns what was found.
 *
 * `askProof(old, new)` fetches the hashes of a consistency proof. Throws Wrong with reason `rollback`, `fork` or
 * `inconsistent`, both checkpoints as evidence; then the memory stays as it was. What `askProof` throws passes through.
 */
export async function compareCheckpoint(log, next, askProof) {
  const old = recallCheckpoint(log);
  if (old) await checkGrowth(old, next, askProof);
  const latest = recallCheckpoint(log); // another tab may have seen more meanwhile
  const isKept = (latest && latest.size > next.size) || keepCheckpoint(log, next);
  if (!isKept) return { found: "forgetful", open: true };
  if (!old) return { found: "first", open: true, size: next.size };
  return { found: old.size === next.size ? "same" : "grown", old: old.size, size: next.size };
}

const keepCheckpoint = (log, { note, root, size }) =>
  write(SEEN + log, { note, root: base64(root), size: String(size) });

async function checkGrowth(old, next, askProof) {
  if (next.size < old.size) throw new Wrong("rollback", old.note, next.note);
  const isSame = base64(old.root) === base64(next.root);
  if (next.size === old.size) must(isSame, "fork", old.note, next.note);
  if (next.size === old.size || old.size === 0n) return;
  const hashes = await askProof(old.size, next.size);
  try {
    await checkConsistency(hashes, old.size, next.size, old.root, next.root);
  } catch {
    throw new Wrong("inconsistent", old.note, next.note);
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
