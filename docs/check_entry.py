"""
Check one entry of a log by the rules of formats.md alone; nothing of Suyuan is needed.

    python docs/check_entry.py PROOF LOG-KEY SIGNER-JWK [PROOF-OF-THE-ENTRY-BEFORE]

Four files, as the log serves them. Needs Python and the package cryptography; stops at the first thing that is wrong.
"""

import sys
from base64 import standard_b64encode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from json import dumps, loads

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def canonical(value):
    return dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def decode(text):
    data = urlsafe_b64decode(text.translate({43: "-", 47: "_"}) + "=" * (-len(text) % 4))
    one_spelling = text in (standard_b64encode(data).decode(), urlsafe_b64encode(data).decode().rstrip("="))
    return data if one_spelling else sys.exit("WRONG: base64")


def sha(*parts):
    return sha256(b"".join(parts)).digest()


def demand(what, holds):
    return None if holds else sys.exit(f"WRONG: {what}")


def check_entry(document, vkey, jwk, before=None):
    proof, (name, key_id, key) = loads(document), vkey.split("+", 2)
    entry, text = decode(proof["entry"]), proof["checkpoint"].rpartition("\n\n")[0] + "\n"
    fields, (origin, size, root) = loads(entry), text.splitlines()
    demand("format", proof["format"] == "suyuan.entry-proof/1")
    demand("canonical bytes", canonical(proof) == document and canonical(fields) == entry)
    demand("log and index", origin == fields["log"] == proof["log"] and fields["index"] == proof["index"])
    demand("prev", fields["prev"] == (sha(b"\0", decode(before["entry"])).hex() if before else "0" * 64))
    header, payload, signature = fields["statement"].split(".")
    kid = urlsafe_b64encode(sha(canonical(jwk))).decode().rstrip("=")
    demand("header", decode(header) == canonical({"alg": "Ed25519", "kid": kid}))
    demand("canonical payload", canonical(loads(decode(payload))) == decode(payload))
    Ed25519PublicKey.from_public_bytes(decode(jwk["x"])).verify(
        decode(signature), f"{header}.{payload}".encode()
    )
    log_id = sha(name.encode(), b"\n", decode(key))[:4]
    demand("key ID", log_id.hex() == key_id)
    lines = proof["checkpoint"].removeprefix(text + "\n").splitlines()
    blobs = [decode(line.rpartition(" ")[2]) for line in lines if line.startswith(f"— {name} ")]
    demand("signed by the log", log_id in [blob[:4] for blob in blobs])
    for signature in [blob[4:] for blob in blobs if blob[:4] == log_id]:
        Ed25519PublicKey.from_public_bytes(decode(key)[1:]).verify(signature, text.encode())
    leaf, at, last = sha(b"\0", entry), proof["index"], int(size) - 1
    demand("index below size", 0 <= at <= last)
    for step in map(decode, proof["inclusion"]):
        demand("length of the proof", last > 0)
        is_right = at % 2 or at == last
        leaf = sha(b"\1", step, leaf) if is_right else sha(b"\1", leaf, step)
        while is_right and at and not at % 2:
            at, last = at // 2, last // 2
        at, last = at // 2, last // 2
    demand("inclusion", last == 0 and leaf == decode(root))


if __name__ == "__main__":
    proof, vkey, jwk, *before = (open(path, "rb").read() for path in sys.argv[1:])  # noqa: SIM115
    check_entry(proof.rstrip(b"\n"), vkey.decode().strip(), loads(jwk), loads(before[0]) if before else None)
    print("ok: canonical, linked to the entry before, signed, and in the log of the checkpoint")
