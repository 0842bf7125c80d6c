// Entries of the log and the signed statements in them, in their one spelling.

import { fromBase64url, must, readCanonical, shape, text, utf8 } from "./bytes.js";
import { checkInclusion, leafHash } from "./merkle.js";

const TOKEN = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;
const HEADER = /^\{"alg":"Ed25519","kid":"([\w-]{43})"\}$/;

/** Checks that the entry of `proof` is in the tree of `checkpoint`. */
export async function checkIncluded(proof, checkpoint) {
  const leaf = await leafHash(proof.entry);
  await checkInclusion(proof.inclusion, BigInt(proof.index), checkpoint.size, leaf, checkpoint.root);
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

/** The statement of `entry`; its signature is not checked here. */
export function readStatement(entry) {
  const jws = readJws(entry.statement);
  const event = readCanonical(jws.payload);
  must(typeof event.type === "string" && typeof event.by === "string", "form");
  must(event.log === entry.log, "log", entry.log, event.log);
  return { ...jws, event };
}

/** The parts of a compact JWS in the one form that statements have. */
export function readJws(token) {
  const match = TOKEN.exec(token);
  must(match, "form");
  const header = HEADER.exec(text(fromBase64url(match[1])));
  must(header, "form");
  const signed = utf8(`${match[1]}.${match[2]}`);
  return { kid: header[1], payload: fromBase64url(match[2]), signed, signature: fromBase64url(match[3], 64) };
}
