// Bytes and their one spelling: base64, hex, UTF-8, and RFC 8785 for text and whole numbers.
// A parser here takes exactly what its formatter writes, as suyuan/ledger/radix64.py and canonical.py do.

/** A check that does not hold: `reason` names its sentence in words.js; `expected` and `found` are the evidence. */
export class Wrong extends Error {
  constructor(reason, expected = "", found = "") {
    super(reason);
    Object.assign(this, { reason, expected: String(expected), found: String(found), step: "" });
  }
}

/** Throws Wrong(reason) unless `holds`. */
export function must(holds, reason, expected, found) {
  if (!holds) throw new Wrong(reason, expected, found);
}

const encoder = new TextEncoder();

/** Text as UTF-8. */
export const utf8 = (text) => encoder.encode(text);

/** UTF-8 as text; what is no UTF-8 is an error. */
export function text(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Wrong("form");
  }
}

/** Several byte strings as one. */
export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The bytes of lower-case hex digits, as the caller has checked them to be. */
export const fromHex = (digits) => Uint8Array.from(digits.match(/../g) || [], (pair) => parseInt(pair, 16));

/** Bytes as base64 with padding. */
export function base64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The bytes that `base64` writes as `spelled`; `length` bytes where it is given. */
export function fromBase64(spelled, length) {
  let binary = "";
  try {
    binary = atob(spelled);
  } catch {
    throw new Wrong("form");
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  must(base64(bytes) === spelled && (length === undefined || bytes.length === length), "form");
  return bytes;
}

/** Bytes as base64url without padding. */
export const base64url = (bytes) =>
  base64(bytes).replace(/=+$/, "").replace(/\+/g, "-").replace(/\//g, "_");

/** The bytes that `base64url` writes as `spelled`. */
export function fromBase64url(spelled, length) {
  must(/^[A-Za-z0-9_-]*$/.test(spelled), "form");
  const padded = spelled.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat(-spelled.length & 3);
  return fromBase64(padded, length);
}

/** A value as RFC 8785 text: objects, lists, NFC text, whole numbers below 2^53, booleans; nothing else. */
export function canonical(value, depth = 0) {
  if (typeof value === "string") {
    must(!/\p{Surrogate}/u.test(value) && value.normalize("NFC") === value, "form");
    return JSON.stringify(value);
  }
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    must(Number.isSafeInteger(value), "form");
    return String(value);
  }
  must(typeof value === "object" && value !== null && depth < 32, "form");
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, depth + 1)).join(",")}]`;
  const names = Object.keys(value);
  must(names.every((name) => /^[\x00-\x7f]*$/.test(name)), "form");
  const members = names.sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name], depth + 1)}`);
  return `{${members.join(",")}}`;
}

/** The object that `bytes` spell as RFC 8785; another spelling of the same JSON is an error. */
export function readCanonical(bytes) {
  const spelled = text(bytes);
  let value = null;
  try {
    value = JSON.parse(spelled);
  } catch {
    throw new Wrong("form");
  }
  must(isObject(value) && canonical(value) === spelled, "form");
  return value;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Checks that `value` is an object with exactly these fields; kinds are `typeof` words, "index" or "list". */
export function shape(value, kinds) {
  must(isObject(value) && Object.keys(value).sort().join() === Object.keys(kinds).sort().join(), "form");
  for (const [name, kind] of Object.entries(kinds)) must(isKind(value[name], kind), "form", `${name}: ${kind}`);
  return value;
}

function isKind(value, kind) {
  if (kind === "index") return Number.isSafeInteger(value) && value >= 0;
  if (kind === "list") return Array.isArray(value);
  return typeof value === kind;
}
