"""
Evidence: the entries about a batch or a package with all that proves them, as the members of one ZIP file.

Members: ``manifest.json`` (RFC 8785), ``checkpoint`` (a signed note), ``entries/<index>.tlog-proof`` for each entry
(which is in it), ``package.json`` (a package proof) where a package was asked for, ``policy`` and ``index.html`` for
readers. Manifest, shortened::

    {"chains":["batch:9Q2WD7K3MX"],"entries":[12,13,40],"format":"suyuan.evidence/1","keys":[0,1,2],
     "log":"demo.invalid/log","subject":"9Q2WD7K3MX"}

``entries`` are what the chains named hold up to the checkpoint, ``keys`` the entries of the keys that signed them. The
policy inside says whom the log names; whoever checks brings a policy of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Final, Literal

import msgspec

from ..errors import Reason, Refused
from ..ledger.canonical import decode, encode
from ..ledger.tlogproof import TlogProof, format_proof, parse_proof
from .bundle import EntryProof, PackageBundle, format_bundle, parse_bundle

FORMAT: Final = "suyuan.evidence/1"
MANIFEST: Final = "manifest.json"
CHECKPOINT: Final = "checkpoint"
PACKAGE: Final = "package.json"
POLICY: Final = "policy"
PAGE: Final = "index.html"

MOST_ENTRIES: Final = 20_000

MEMBER = Reason("evidence.member", "证据包缺少 {name}", "the evidence has no member {name}")
STRANGE = Reason("evidence.strange", "证据包中有多余的 {name}", "the evidence has a member too many: {name}")
SHAPE = Reason(
    "evidence.manifest", "证据清单不对：{detail}", "the manifest of the evidence is wrong: {detail}"
)
OTHER = Reason(
    "evidence.proof",
    "{name} 与清单或检查点不符",
    "{name} does not fit the manifest or the checkpoint",
)

_Index = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
_Indexes = Annotated[tuple[_Index, ...], msgspec.Meta(max_length=MOST_ENTRIES)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    What one ZIP file holds about *subject*, a batch id or a package code.

    ``entries`` and ``keys`` rise by index and stand under the one *checkpoint*; ``chains`` are the subjects whose
    history the entries are said to hold from its beginning.
    """

    log: str
    subject: str
    checkpoint: str
    entries: tuple[EntryProof, ...]
    keys: tuple[EntryProof, ...]
    chains: tuple[str, ...]
    package: PackageBundle | None = None


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    format: Literal["suyuan.evidence/1"]
    log: _Name
    subject: _Name
    entries: Annotated[_Indexes, msgspec.Meta(min_length=1)]
    keys: _Indexes
    chains: Annotated[tuple[_Name, ...], msgspec.Meta(max_length=MOST_ENTRIES)]


def member_name(index: int) -> str:
    """Return the name of the member that proves entry *index*: ``entries/12.tlog-proof``."""
    return f"entries/{index}.tlog-proof"


def format_evidence(evidence: Evidence) -> dict[str, bytes]:
    """Return the members of *evidence* by name, without those that are only for readers."""
    manifest = {
        "format": FORMAT,
        "log": evidence.log,
        "subject": evidence.subject,
        "entries": [proof.index for proof in evidence.entries],
        "keys": [proof.index for proof in evidence.keys],
        "chains": list(evidence.chains),
    }
    members = {MANIFEST: encode(manifest), CHECKPOINT: evidence.checkpoint.encode()}
    for proof in (*evidence.keys, *evidence.entries):
        tlog = TlogProof(proof.index, proof.inclusion, evidence.checkpoint, proof.entry)
        members[member_name(proof.index)] = format_proof(tlog).encode()
    if evidence.package is not None:
        members[PACKAGE] = format_bundle(evidence.package)
    return members


def parse_evidence(members: Mapping[str, bytes]) -> Evidence:
    """
    Return the evidence that *members* spell. Nothing in it is checked yet.

    Raises:
        Refused: a member is missing, too many, malformed, or contradicts manifest or checkpoint.
    """
    manifest = _manifest(_member(members, MANIFEST))
    checkpoint = _text(CHECKPOINT, _member(members, CHECKPOINT))
    proofs = {
        index: _proof(members, index, checkpoint) for index in sorted({*manifest.entries, *manifest.keys})
    }
    _check_names(members, proofs)
    return Evidence(
        log=manifest.log,
        subject=manifest.subject,
        checkpoint=checkpoint,
        entries=tuple(proofs[index] for index in manifest.entries),
        keys=tuple(proofs[index] for index in manifest.keys),
        chains=manifest.chains,
        package=_package(members, checkpoint),
    )


def _manifest(data: bytes) -> _Manifest:
    try:
        manifest = msgspec.convert(decode(data), _Manifest)
    except msgspec.ValidationError as error:
        raise Refused(SHAPE.at(detail=str(error))) from None
    for name in ("entries", "keys", "chains"):
        listed = getattr(manifest, name)
        if any(one >= other for one, other in pairwise(listed)):
            raise Refused(SHAPE.at(f"/{name}", detail=f"{name} must rise"))
    return manifest


def _proof(members: Mapping[str, bytes], index: int, checkpoint: str) -> EntryProof:
    name = member_name(index)
    proof = parse_proof(_text(name, _member(members, name)))
    if proof.index != index or proof.checkpoint != checkpoint or proof.extra is None:
        raise Refused(OTHER.at(name=name))
    return EntryProof(proof.extra, index, tuple(proof.hashes))


def _package(members: Mapping[str, bytes], checkpoint: str) -> PackageBundle | None:
    if PACKAGE not in members:
        return None
    bundle = parse_bundle(members[PACKAGE])
    if not isinstance(bundle, PackageBundle) or bundle.checkpoint != checkpoint:
        raise Refused(OTHER.at(name=PACKAGE))
    return bundle


def _check_names(members: Mapping[str, bytes], indexes: Mapping[int, EntryProof]) -> None:
    known = {MANIFEST, CHECKPOINT, PACKAGE, POLICY, PAGE, *map(member_name, indexes)}
    strange = sorted(set(members) - known)
    if strange:
        raise Refused(STRANGE.at(name=strange[0][:100]))


def _member(members: Mapping[str, bytes], name: str) -> bytes:
    found = members.get(name)
    if found is None:
        raise Refused(MEMBER.at(name=name))
    return found


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Refused(OTHER.at(name=name)) from None
