// Signed notes, checkpoints and cosignatures: C2SP signed-note, tlog-checkpoint, tlog-cosignature.

import { fromBase64, hex, join, must, utf8, Wrong } from "./bytes.js";
import { sha256 } from "./merkle.js";

const ED25519 = 1;
const COSIGNATURE = 4;
const MLDSA = 6;
const SIZES = { [ED25519]: 32, [COSIGNATURE]: 32, [MLDSA]: 1312 };
const NAME = /^[^\p{White_Space}\p{Surrogate}+\x00-\x1f]+$/u;

/** Checks an Ed25519 signature (64 bytes) over `message` by the key `raw` (32 bytes). */
export async function checkSignature(raw, signature, message) {
  const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  must(signature.length === 64, "signature");
  must(await crypto.subtle.verify({ name: "Ed25519" }, key, signature, message), "signature");
}

/** The key that a vkey spells: `name+<8 hex>+<base64 of type and key>`. The base64 may itself hold a plus. */
export async function parseKey(vkey) {
  const match = /^([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey);
  must(match && NAME.test(match[1]), "vkey", "", vkey);
  const [, name, id, spelled] = match;
  const data = fromBase64(spelled);
  must(data.length - 1 === SIZES[data[0]], "vkey", "", vkey);
  must((await keyId(name, data)) === id, "vkey", "", vkey);
  return { vkey, name, id, type: data[0], raw: data.slice(1) };
}

const keyId = async (name, data) => hex((await sha256(join(utf8(`${name}\n`), data))).slice(0, 4));

/** The text of a note and its signature lines, none of them verified. Text and lines part at the last empty line. */
export function splitNote(note) {
  const gap = note.lastIndexOf("\n\n");
  const plain = note.length <= 1000000 && !/[\x00-\x09\x0b-\x1f]|\p{Surrogate}/u.test(note);
  must(plain && gap >= 0 && note.endsWith("\n") && note.length > gap + 2, "note");
  const lines = note.slice(gap + 2, -1).split("\n");
  must(lines.length <= 100, "note");
  return { text: note.slice(0, gap + 1), signatures: lines.map(parseLine) };
}

function parseLine(line) {
  const match = /^\u2014 (\S+) (\S+)$/u.exec(line);
  must(match && NAME.test(match[1]), "note");
  const data = fromBase64(match[2]);
  must(data.length > 4, "note");
  return { name: match[1], id: hex(data.slice(0, 4)), blob: data.slice(4) };
}

/** The origin, size (BigInt) and root of the log in a checkpoint's text. Extension lines are refused. */
export function parseCheckpoint(body) {
  const match = /^([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n$/.exec(body);
  must(match && BigInt(match[2]) < 1n << 63n, "note");
  return { origin: match[1], size: BigInt(match[2]), root: fromBase64(match[3], 32) };
}

/** The checkpoint of `log` in `note`, signed by at least one of `keys`; a known key's wrong signature refuses it. */
export async function openCheckpoint(note, log, keys) {
  const { text, signatures } = splitNote(note);
  const trusted = keys.filter((key) => key.type === ED25519 && key.name === log);
  const signers = new Set();
  for (const [key, signature] of pairs(trusted, signatures)) {
    await checkSignature(key.raw, signature.blob, utf8(text));
    signers.add(key.vkey);
  }
  must(signers.size, "untrusted", trusted.map((key) => key.vkey).join(" "), names(signatures));
  const checkpoint = parseCheckpoint(text);
  must(checkpoint.origin === log, "log", log, checkpoint.origin);
  return { ...checkpoint, text, note, signatures };
}

/**
 * The witnesses among `keys` that cosigned `checkpoint`, with times in seconds.
 *
 * Browsers can't check ML-DSA: such lines of known keys are counted in `unchecked`, not among the `cosigned`.
 */
export async function checkCosignatures(checkpoint, keys) {
  const cosigned = new Map();
  const unchecked = new Set();
  for (const [key, signature] of pairs(keys, checkpoint.signatures)) {
    if (key.type === MLDSA) {
      unchecked.add(key.vkey);
    } else if (key.type === COSIGNATURE) {
      const time = await checkCosignature(key, signature.blob, checkpoint.text);
      cosigned.set(key.vkey, Math.max(time, cosigned.get(key.vkey) || 0));
    }
  }
  return { times: [...cosigned.values()], unchecked: unchecked.size };
}

async function checkCosignature(key, blob, body) {
  must(blob.length === 72, "signature");
  const time = new DataView(blob.buffer, blob.byteOffset).getBigUint64(0);
  must(0n < time && time < 1n << 63n, "signature");
  await checkSignature(key.raw, blob.slice(8), utf8(`cosignature/v1\ntime ${time}\n${body}`));
  return Number(time);
}

function* pairs(keys, signatures) {
  for (const signature of signatures) {
    const key = keys.find((one) => one.name === signature.name && one.id === signature.id);
    if (key) yield [key, signature];
  }
}

const names = (signatures) => signatures.map(({ name, id }) => `${name}+${id}`).join(" ");

/** Throws Wrong(no_ed25519 or insecure) where this browser can't check a signature: an old one, or a page without TLS. */
export async function requireEd25519() {
  try {
    const key = fromBase64("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="); // of RFC 8032 section 7.1, test 1
    await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    throw new Wrong(globalThis.isSecureContext ? "no_ed25519" : "insecure");
  }
}
