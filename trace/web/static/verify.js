// One package's proof (suyuan.package-proof/1), checked step by step. Opens nothing: the caller fetches and shows.
// The steps are those of suyuan/verify/package.py.

import { fromBase64, fromHex, join, must, readCanonical, shape, utf8, Wrong } from "./bytes.js";
import { checkIncluded, readEntry, readStatement } from "./entry.js";
import { checkSigner } from "./keys.js";
import { checkInclusion, leafHash } from "./merkle.js";
import { checkCosignatures, openCheckpoint, parseKey } from "./note.js";

const FORMAT = "suyuan.package-proof/1";
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const MOST_BYTES = 8000000;

/**
 * Checks the proof document `bytes`; returns the checkpoint that it stands under.
 *
 * `trust` is what the proof can't say of itself: the `code` in hand, the `log`, its `keys` and its `witnesses` (vkeys).
 * `tell(step, values)` is called as each step holds; `values.open` marks one that nothing was there to check.
 * Throws Wrong, whose `step` names the first step that does not hold.
 */
export async function verifyPackage(bytes, trust, tell) {
  const step = async (name, check) => {
    try {
      const [found, values] = await check();
      tell(name, values);
      return found;
    } catch (error) {
      const wrong = error instanceof Wrong ? error : new Wrong("form", "", error.message);
      wrong.step = name;
      throw wrong;
    }
  };
  const bundle = await step("read", () => [readBundle(bytes, trust), { bytes: bytes.length }]);
  const checkpoint = await step("checkpoint", () => checkLog(bundle, trust));
  await step("witnesses", () => checkWitnesses(checkpoint, trust));
  await step("inclusion", async () => [
    await checkIncluded(bundle, checkpoint),
    { index: bundle.index, hashes: bundle.inclusion.length },
  ]);
  const entry = await step("entry", () => {
    const found = readEntry(bundle, checkpoint);
    return [found, { index: found.index, at: showTime(Date.parse(found.at)) }];
  });
  const statement = await step("statement", () => checkIssue(entry));
  await step("signer", () => checkKeys(bundle, statement, checkpoint));
  await step("package", () => checkPackage(bundle, statement.event));
  return checkpoint;
}

/** The proof document that `bytes` spell, for the code and log in hand. */
export function readBundle(bytes, trust) {
  must(bytes.length <= MOST_BYTES, "form");
  const fields = readCanonical(bytes);
  const top = { checkpoint: "string", code: "string", format: "string", log: "string", package: "object" };
  const kinds = { ...top, ...PROOF, ...(fields.keys === undefined ? {} : { keys: "list" }) };
  shape(fields, kinds);
  const part = shape(fields.package, { blinding: "string", count: "index", hashes: "list", index: "index" });
  must(fields.format === FORMAT, "format", FORMAT, fields.format);
  must(fields.log === trust.log, "log", trust.log, fields.log);
  must(fields.code === trust.code, "code", trust.code, fields.code);
  const keys = (fields.keys || []).map((one) => readProof(shape(one, PROOF)));
  must(keys.length <= 64 && !(fields.keys && !keys.length), "form");
  const blinding = fromBase64(part.blinding, 16);
  return { ...fields, ...readProof(fields), keys, package: { ...part, blinding, hashes: readHashes(part.hashes) } };
}

const PROOF = { entry: "string", inclusion: "list", index: "index" };

function readProof({ entry, inclusion, index }) {
  return { entry: fromBase64(entry), inclusion: readHashes(inclusion), index };
}

function readHashes(list) {
  must(list.length <= 63, "form");
  return list.map((one) => fromBase64(one, 32));
}

async function checkLog(bundle, trust) {
  const keys = await Promise.all(trust.keys.map(parseKey));
  const checkpoint = await openCheckpoint(bundle.checkpoint, trust.log, keys);
  return [checkpoint, { origin: checkpoint.origin, size: checkpoint.size }];
}

async function checkWitnesses(checkpoint, trust) {
  const keys = await Promise.all(trust.witnesses.map(parseKey));
  const { times, unchecked } = await checkCosignatures(checkpoint, keys);
  const at = times.length ? showTime(1000 * Math.max(...times)) : "";
  const count = { cosigned: times.length, unchecked, of: keys.length, at };
  return [null, { ...count, open: !times.length }];
}

function checkIssue(entry) {
  const statement = readStatement(entry);
  const { event } = statement;
  must(event.type === "labels.issued", "kind", "labels.issued", event.type);
  must([event.batch, event.run, event.root].every((one) => typeof one === "string"), "form");
  must(Number.isSafeInteger(event.count) && /^[0-9a-f]{64}$/.test(event.root), "form");
  const subjects = [`batch:${event.batch}`, `run:${event.run}`].join(" ");
  const found = entry.chains.map((link) => link.id).join(" ");
  must(found === subjects, "chains", subjects, found);
  return [statement, { by: event.by, batch: event.batch, packed: event.packed_on }];
}

async function checkKeys(bundle, statement, checkpoint) {
  if (!bundle.keys.length) return [null, { open: true }];
  const key = await checkSigner(statement, bundle.index, bundle.keys, checkpoint);
  const { name: party, custody, since, until } = key;
  return [key, { party, custody, since, until, entries: bundle.keys.length }];
}

async function checkPackage({ code, package: part }, event) {
  must(code.length === 20 && [...code].every((one) => ALPHABET.includes(one)), "code", "", code);
  const index = [...code.slice(5, 10)].reduce((sum, one) => 32 * sum + ALPHABET.indexOf(one), 0);
  must(code.slice(0, 5) === event.run, "run", event.run, code.slice(0, 5));
  const places = [`${index}/${event.count}`, `${part.index}/${part.count}`];
  must(places[0] === places[1], "place", ...places);
  const leaf = await leafHash(join(utf8(code), part.blinding));
  await checkInclusion(part.hashes, BigInt(index), BigInt(event.count), leaf, fromHex(event.root));
  return [null, { run: event.run, index, count: event.count }];
}

/** A time in milliseconds as the pages write it, the time of day in China. */
function showTime(ms) {
  return new Date(ms + 8 * 3600000).toISOString().slice(0, 16).replace("T", " ");
}
