"""
C2SP proofs of entries: the extra data of a ``.tlog-proof`` is the entry's bytes, from which its hashes lead.

An entry proof of ours and a ``.tlog-proof`` say the same; the former may also carry the entries of the signer's key.
"""

from __future__ import annotations

from ..errors import Reason, Refused
from ..ledger.checkpoint import parse_checkpoint
from ..ledger.note import split_note
from ..ledger.tlogproof import HEADER, TlogProof, parse_proof
from .bundle import Bundle, EntryBundle, EntryProof, parse_bundle

NO_ENTRY = Reason(
    "tlog-proof.extra",
    "tlog-proof 证明文件没有附上条目（extra 行）",
    "the tlog-proof file does not carry its entry (the line extra)",
)


def tlog_proof(bundle: EntryBundle) -> TlogProof:
    """Return *bundle* without the entries of its keys as a C2SP proof."""
    proof = bundle.proof
    return TlogProof(proof.index, proof.inclusion, bundle.checkpoint, proof.entry)


def entry_bundle(proof: TlogProof) -> EntryBundle:
    """
    Return *proof* as an entry proof of the log that its checkpoint names. Nothing in it is checked yet.

    Raises:
        Refused: ``tlog-proof.extra``; NoteWrong: the checkpoint is malformed.
    """
    if proof.extra is None:
        raise Refused(NO_ENTRY.at())
    text, _ = split_note(proof.checkpoint)
    origin = parse_checkpoint(text).origin
    return EntryBundle(origin, EntryProof(proof.extra, proof.index, proof.hashes), proof.checkpoint)


def parse_document(data: bytes) -> Bundle:
    """
    Return the bundle in *data*, a proof document of either kind or a ``.tlog-proof``. Nothing in it is checked yet.

    Behind JSON, line ends that an editor added are left out.

    Raises:
        Refused: as ``bundle.parse_bundle``, ``tlogproof.parse_proof`` and ``entry_bundle``.
    """
    if data.startswith(HEADER.encode()):
        return entry_bundle(parse_proof(data))
    return parse_bundle(data.rstrip(b"\r\n"))
