// What the check in the browser says, in English. Figures stand in braces; words.zh.js has the same names.
// Nothing here calls the goods genuine, nor may it.

export default {
  start: "Check on this device",
  again: "Check again",
  checking: "Checking on this device …",
  sound: "Record intact (checked by your browser)",
  sound_but: "Your browser has checked the label's record; what is said above still holds",
  cannot: "This browser cannot check",
  unable: "Not checked on this device",
  failed: "The check on this device failed",

  // Steps, as each is done.
  read: "The proof has its form and is about the code of this page",
  checkpoint: "The checkpoint is signed by a trusted key: {origin}, {size} entries",
  witnesses: "{cosigned} of {of} known witnesses cosigned this checkpoint, last at {at}",
  witnesses_open: "Not checked: no known witness cosigned, so whether others see the same log is unknown",
  mldsa: "{unchecked} further cosignatures are ML-DSA, which browsers cannot check",
  inclusion: "Entry {index} is in the checkpoint's Merkle tree ({hashes} hashes)",
  entry: "The entry's index and log agree, in the log since {at}",
  statement: "The entry states the issue of labels for batch {batch}, its chains agree",
  signer:
    "Signed by a key of {party} ({custody}), registered by entry {since}, traced to entry 0 ({entries} entries)",
  signer_revoked: "The key is revoked since entry {until}; this statement came before and stays valid",
  signer_open: "Not checked: the signer's key (the proof comes without its entries)",
  custody_party: "kept by the party",
  custody_service: "kept by the service",
  package: "The code is number {index} of the {count} of run {run}, committed before printing",
  growth_first: "This checkpoint ({size} entries) is remembered, to be compared on your next visit",
  growth_same: "The checkpoint is the one seen last time ({size} entries)",
  growth_grown: "The log grew from the {old} entries seen last time to {size}, the old ones unchanged",
  growth_older: "This checkpoint is an earlier one ({size} entries, {old} last time), proved to be of the same log",
  growth_forgetful: "Not checked: this browser keeps no data, so the next visit cannot be compared with this one",
  later: "Not checked: other entries (voided, held, recalled), and whether the key was revoked",

  // What a step is called when it fails.
  at_read: "reading the proof",
  at_checkpoint: "signature of the checkpoint",
  at_witnesses: "cosignatures of witnesses",
  at_inclusion: "proof that the entry is in the log",
  at_entry: "contents of the entry",
  at_statement: "signed statement",
  at_signer: "key of the signer",
  at_package: "commitment of the label run",
  at_growth: "comparison with the last checkpoint",
  failed_at: "Check failed: {step}",
  failed_text:
    "The proof that this site gave does not fit the code, the log's key or the log. Do not rely on this page; keep the package, try once more later, and report it if it fails again (12315 in China).",
  expected: "expected",
  found: "found",

  // Alarms of the memory.
  alarm: "Alarm: the log contradicts itself",
  rollback: "Last time the log had {old} entries, now it has {size} and no proof leads to the {old}: entries were taken away or rewritten.",
  fork: "With the same {size} entries the two roots differ: you were shown two different logs.",
  inconsistent:
    "From {old} to {size} entries there is no proof that the old ones are unchanged: history may be rewritten.",
  evidence:
    "Both checkpoints below are signed by the log; together they are the evidence. Copy them for a supervisor or witness.",
  old: "last time",
  new: "now",

  // Keys.
  key_changed: "Warning: the log key of this page has changed",
  key_changed_text:
    "It differs from the one this browser remembers, which is still the one used. The log may be changing keys, or somebody may pose as it: take the key of this page only if it is the one on the package, the official site or from a supervisor.",
  key_remembered: "remembered",
  key_page: "on this page",
  key_take: "I have compared: use the key of this page",
  key_bad: "This is no key of this log",
  key_lost: "This browser keeps no data: the key is used this once",

  // Why nothing could be checked.
  no_ed25519:
    "This browser cannot check: it lacks Ed25519 signatures. Use a newer browser, or the command line below.",
  insecure: "This browser cannot check: the page was not opened over https. Use https, or the command line below.",
  no_proof: "The proof could not be fetched ({status}); try again later.",
  no_growth:
    "The proof from the last checkpoint ({old} entries) could not be fetched ({status}), so nothing is concluded; try again later.",

  // Reasons of a failure.
  form: "form or spelling is wrong",
  format: "unknown format of proof",
  code: "the proof is about another code",
  log: "it is of another log",
  vkey: "not a valid verifier key",
  note: "the checkpoint is malformed",
  untrusted: "no trusted key signed",
  signature: "the signature is wrong: text or signature was changed",
  outside: "the index is out of range",
  length: "the proof has a wrong number of hashes",
  root: "another root comes out: record or proof was changed",
  index: "the index is not that of the proof",
  kind: "it is another event",
  chains: "the chains are not those of the event",
  order: "the entries of keys are out of order",
  unknown: "no entry given registers this key",
  possession: "the new key did not countersign its registration",
  revoked: "the key was revoked before",
  party: "the key is another party's",
  rights: "who registered the key had no right to",
  run: "the code is of another run of labels",
  place: "index or count is not that of the proof",
};
