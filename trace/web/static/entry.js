// Entries of the log, the signed statements in them, and the keys that sign: what one package's proof needs of them.

import { base64url, fromBase64url, hex, must, readCanonical, shape, text, utf8 } from "./bytes.js";
import { checkInclusion, leafHash, sha256 } from "./merkle.js";
import { checkSignature } from "./note.js";

const TOKEN = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;
const HEADER = /^\{"alg":"Ed25519","kid":"([\w-]{43})"\}$/;

/** Checks that the entry of `proof` is in the tree of `checkpoint`; returns the hex of its leaf hash. */
export async function checkIncluded(proof, checkpoint) {
  const leaf = await leafHash(proof.entry);
  await checkInclusion(proof.inclusion, BigInt(proof.index), checkpoint.size, leaf, checkpoint.root);
  return hex(leaf);
}

/** The entry of `proof`: of version 1, in its one spelling, with the index of the proof and the log of `checkpoint`. */
export function readEntry(proof, checkpoint) {
  const kinds = { at: "string", chains: "list", index: "index", log: "string", prev: "string" };
  const entry = shape(readCanonical(proof.entry), { ...kinds, statement: "string", v: "index" });
  must(entry.v === 1 && /^[0-9a-f]{64}$/.test(entry.prev) && !Number.isNaN(Date.parse(entry.at)), "form");
  must(entry.index === proof.index, "index", proof.index, entry.index);
  must(entry.log === checkpoint.origin, "log", checkpoint.origin, entry.log);
  entry.chains.forEach((link) => shape(link, { id: "string", prev: "string", seq: "index" }));
  return entry;
}

/** The statement of `entry`, a compact JWS in the one form that statements have; its signature is not checked here. */
export function readStatement(entry) {
  const match = TOKEN.exec(entry.statement);
  must(match, "form");
  const header = HEADER.exec(text(fromBase64url(match[1])));
  must(header, "form");
  const event = readCanonical(fromBase64url(match[2]));
  must(typeof event.type === "string" && typeof event.by === "string", "form");
  must(event.log === entry.log, "log", entry.log, event.log);
  const signed = utf8(`${match[1]}.${match[2]}`);
  return { kid: header[1], event, signed, signature: fromBase64url(match[3], 64) };
}

/**
 * Checks that the statement at `index` was signed by a key that the entries `proofs` register, and returns the key.
 *
 * The entries begin with entry 0, which names the log's own key and the founding supervisors; each further one is
 * signed by a key known by then. Those after `index` may show that the key was revoked since (`until`). Of the rules on
 * who may add a key only the plainest are checked here; `suyuan verify` checks all.
 */
export async function checkSigner(statement, index, proofs, checkpoint) {
  const indexes = proofs.map((proof) => proof.index);
  const isRising = indexes.every((one, at) => (at ? one > indexes[at - 1] : one === 0));
  must(isRising && !indexes.includes(index), "order", "", indexes);
  const keys = new Map();
  for (const proof of proofs.filter((one) => one.index < index)) await addKeys(keys, proof, checkpoint);
  const { kid } = await checkStatement(statement, keys);
  for (const proof of proofs.filter((one) => one.index > index)) await addKeys(keys, proof, checkpoint);
  const key = keys.get(kid);
  must(key.party === statement.event.by, "party", statement.event.by, key.party);
  return key;
}

async function addKeys(keys, proof, checkpoint) {
  await checkIncluded(proof, checkpoint);
  const statement = readStatement(readEntry(proof, checkpoint));
  const { event } = statement;
  if (proof.index === 0) {
    must(event.type === "log.opened" && Array.isArray(event.supervisors), "kind", "log.opened", event.type);
    const own = await readKey("log", event.receipt_key);
    await checkStatement(statement, new Map([[own.kid, own]]));
    for (const one of event.supervisors) add(keys, await readKey(one.party, one.jwk), one, 0, true);
    return;
  }
  const signer = await checkStatement(statement, keys);
  must(signer.party === event.by, "party", event.by, signer.party);
  if (event.type === "key.revoked") {
    const revoked = keys.get(event.kid);
    if (revoked) revoked.until = proof.index;
    must(keys.has(event.kid) && keys.get(event.kid).party === event.party, "unknown", "", event.kid);
    keys.get(event.kid).until = proof.index;
    return;
  }
  must(["party.registered", "key.added"].includes(event.type), "kind", "party.registered", event.type);
  const isOwn = event.type === "key.added" && signer.party === event.party;
  must(signer.supervisor || isOwn, "rights", "", event.by);
  const known = [...keys.values()].find((key) => key.party === event.party);
  const supervisor = known ? known.supervisor : [].concat(event.roles).includes("supervisor");
  add(keys, await readKey(event.party, event.jwk), { name: known && known.name, ...event }, proof.index, supervisor);
}

function add(keys, key, { name, custody }, since, supervisor) {
  keys.set(key.kid, { ...key, name: name || key.party, custody, since, supervisor });
}

async function readKey(party, jwk) {
  shape(jwk, { crv: "string", kty: "string", x: "string" });
  must(typeof party === "string" && jwk.crv === "Ed25519" && jwk.kty === "OKP", "form");
  const raw = fromBase64url(jwk.x, 32);
  // RFC 7638: the name of a key is the hash of its members in order.
  const kid = base64url(await sha256(utf8(`{"crv":"Ed25519","kty":"OKP","x":"${jwk.x}"}`)));
  return { party, raw, kid };
}

async function checkStatement(statement, keys) {
  const key = keys.get(statement.kid);
  must(key, "unknown", statement.kid, [...keys.keys()].join(" "));
  must(key.until === undefined, "revoked", "", statement.kid);
  await checkSignature(key.raw, statement.signature, statement.signed);
  return key;
}
