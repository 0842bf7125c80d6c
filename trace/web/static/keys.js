// The keys that sign statements: from entry 0, which names the supervisors, to the entry that registered the key.
// The rules are those of suyuan/produce/registry.py, as far as keys go.

import { base64url, canonical, fromBase64url, hex, must, shape, utf8 } from "./bytes.js";
import { checkIncluded, readEntry, readJws, readStatement } from "./entry.js";
import { sha256 } from "./merkle.js";
import { checkSignature } from "./note.js";

/**
 * Checks that the statement at `index` was signed by a key that the entries `proofs` register, and returns the key.
 *
 * The entries begin with entry 0 and are each signed by a key known by then. Those after `index` may show that the key
 * was revoked since (`until`).
 */
export async function checkSigner(statement, index, proofs, checkpoint) {
  const indexes = proofs.map((proof) => proof.index);
  const isRising = indexes.every((one, at) => (at ? one > indexes[at - 1] : one === 0));
  must(isRising && !indexes.includes(index), "order", "", indexes);
  const book = { keys: new Map(), demo: false };
  for (const proof of proofs.filter((one) => one.index < index)) await takeIn(book, proof, checkpoint);
  const { kid } = await checkStatement(statement, book);
  for (const proof of proofs.filter((one) => one.index > index)) await takeIn(book, proof, checkpoint);
  return book.keys.get(kid);
}

async function takeIn(book, proof, checkpoint) {
  await checkIncluded(proof, checkpoint);
  const statement = readStatement(readEntry(proof, checkpoint));
  const { event } = statement;
  const rule = RULES[event.type];
  must(rule && (proof.index === 0) === (event.type === "log.opened"), "kind", "", event.type);
  await rule(book, event, proof.index, statement);
}

const RULES = {
  async "log.opened"(book, event, index, statement) {
    const own = await readKey("log", event.receipt_key);
    await checkStatement(statement, { keys: new Map([[own.kid, own]]) });
    book.demo = event.demo === true;
    must(Array.isArray(event.supervisors), "form");
    for (const { party, name, jwk, custody } of event.supervisors) {
      const key = await readKey(party, jwk);
      book.keys.set(key.kid, { ...key, name, custody, since: index, isSupervisor: true });
    }
  },

  async "party.registered"(book, event, index, statement) {
    const signer = await checkStatement(statement, book);
    must(counts(signer, book) && !keyOf(book, event.party), "rights", "", event.by);
    await add(book, event, index, { name: event.name, isSupervisor: [].concat(event.roles).includes("supervisor") });
  },

  async "key.added"(book, event, index, statement) {
    const signer = await checkStatement(statement, book);
    const known = keyOf(book, event.party);
    must(known, "unknown", "", event.party);
    if (signer.party === event.party) {
      must(!signer.isSupervisor || counts(signer, book), "rights", "", event.by);
    } else {
      const second = book.keys.get(event.approver);
      const isSecond = second && second.until === undefined && second.party !== event.by && counts(second, book);
      must(counts(signer, book) && isSecond, "rights", "", event.by); // a recovery takes two supervisors
      await checkCountersigned(event, event.approval, second);
    }
    await add(book, event, index, known);
  },

  async "key.revoked"(book, event, index, statement) {
    const signer = await checkStatement(statement, book);
    const key = book.keys.get(event.kid);
    must(key && key.party === event.party && key.until === undefined, "unknown", "", event.kid);
    must(event.by === key.party || counts(signer, book), "rights", "", event.by);
    key.until = index;
  },
};

/** A supervisor's key in the service's custody counts only in a log for demonstration. */
const counts = (key, book) => key.isSupervisor && (key.custody === "party" || book.demo);

const keyOf = (book, party) => [...book.keys.values()].find((key) => key.party === party);

async function add(book, event, since, { name, isSupervisor }) {
  const key = await readKey(event.party, event.jwk);
  must(!book.keys.has(key.kid), "rights", "", key.kid);
  await checkCountersigned(event, event.proof, key);
  book.keys.set(key.kid, { ...key, name: name || key.party, custody: event.custody, since, isSupervisor });
}

/** Checks that `key` signed what `event` says of the new key, as suyuan/verify/possession.py does. */
async function checkCountersigned({ id, jwk, log, party }, token, key) {
  const { kid, payload, signed, signature } = readJws(token);
  const said = utf8(canonical({ event: id, jwk, log, party }));
  must(kid === key.kid && hex(payload) === hex(said), "possession");
  await checkSignature(key.raw, signature, signed);
}

async function readKey(party, jwk) {
  shape(jwk, { crv: "string", kty: "string", x: "string" });
  must(typeof party === "string" && jwk.crv === "Ed25519" && jwk.kty === "OKP", "form");
  const raw = fromBase64url(jwk.x, 32);
  const kid = base64url(await sha256(utf8(canonical(jwk)))); // RFC 7638
  return { party, raw, kid };
}

async function checkStatement(statement, { keys }) {
  const key = keys.get(statement.kid);
  must(key, "unknown", statement.kid, [...keys.keys()].join(" "));
  must(key.until === undefined, "revoked", "", statement.kid);
  must(key.party === statement.event.by, "party", statement.event.by, key.party);
  await checkSignature(key.raw, statement.signature, statement.signed);
  return key;
}
