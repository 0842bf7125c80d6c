"""
Proof documents: all that a stranger needs to check one package or one entry, as one JSON file.

A package proof, as RFC 8785 bytes (names sorted; base64 with padding; shortened here)::

    {"checkpoint":"demo.invalid/log\\n9\\nCsUY...=\\n\\n— demo.invalid/log Uw2Q...=\\n",
     "code":"7K3MX0001ZAB3DE6GH9C","entry":"eyJhdCI6...","format":"suyuan.package-proof/1",
     "inclusion":["1xQN...="],"index":8,"log":"demo.invalid/log",
     "package":{"blinding":"3q2+...","count":500,"hashes":["fYsb...="],"index":63}}

An entry proof has ``"format":"suyuan.entry-proof/1"`` and neither ``code`` nor ``package``. Both may carry ``keys``: a
list of ``{"entry","inclusion","index"}`` in rising order of index, the entries (under the same checkpoint) from entry 0
to the one that registered the signer's key. A document is read only in the one spelling in which it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec

from ..errors import Reason, Refused
from ..ledger.canonical import decode, encode
from ..ledger.hashing import HASH_BYTES, Hash
from ..ledger.radix64 import format_base64, parse_base64
from ..qr.run import BLINDING_BYTES

PACKAGE_FORMAT = "suyuan.package-proof/1"
ENTRY_FORMAT = "suyuan.entry-proof/1"

MAX_DOCUMENT_BYTES = 8_000_000
"""Room for the longest possible chain of keys."""

MAX_KEYS = 64

FORMAT = Reason("bundle.format", "不认识的证明格式：{found}", "unknown format of proof: {found}")
FIELD = Reason("bundle.field", "证明文件的字段不对：{detail}", "a field of the proof is wrong: {detail}")
BYTES = Reason("bundle.bytes", "应为 {expected} 字节的 base64", "must be base64 of {expected} bytes")
LARGE = Reason("bundle.large", "证明文件超过 {most} 字节", "the proof is larger than {most} bytes")


@dataclass(frozen=True, slots=True)
class EntryProof:
    """The stored bytes of entry *index*, and the hashes that lead from its leaf to the checkpoint's root."""

    entry: bytes
    index: int
    inclusion: tuple[Hash, ...]


@dataclass(frozen=True, slots=True)
class PackagePart:
    """Package *index* of *count*: its blinding (16 bytes), and the hashes that lead from its leaf to the run's root."""

    index: int
    count: int
    blinding: bytes
    hashes: tuple[Hash, ...]


@dataclass(frozen=True, slots=True)
class EntryBundle:
    """An entry proof: the log's origin, the entry, the checkpoint as a note, and the entries of the signer's key."""

    log: str
    proof: EntryProof
    checkpoint: str
    keys: tuple[EntryProof, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageBundle:
    """A package proof: as `EntryBundle` for the ``labels.issued`` of the run, with the package's code and place."""

    log: str
    code: str
    proof: EntryProof
    checkpoint: str
    package: PackagePart
    keys: tuple[EntryProof, ...] = ()


Bundle = EntryBundle | PackageBundle

_Index = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
_Path = Annotated[tuple[str, ...], msgspec.Meta(max_length=63)]
_Document = TypeVar("_Document", bound=msgspec.Struct)


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    entry: str
    index: _Index
    inclusion: _Path


class _Package(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    index: _Index
    count: _Index
    blinding: str
    hashes: _Path


class _EntryDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    format: Literal["suyuan.entry-proof/1"]
    log: str
    entry: str
    index: _Index
    inclusion: _Path
    checkpoint: str
    keys: Annotated[tuple[_Entry, ...], msgspec.Meta(min_length=1, max_length=MAX_KEYS)] | None = None


class _PackageDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    format: Literal["suyuan.package-proof/1"]
    log: str
    code: str
    entry: str
    index: _Index
    inclusion: _Path
    checkpoint: str
    package: _Package
    keys: Annotated[tuple[_Entry, ...], msgspec.Meta(min_length=1, max_length=MAX_KEYS)] | None = None


DOCUMENTS: Final[dict[str, type[msgspec.Struct]]] = {
    PACKAGE_FORMAT: _PackageDocument,
    ENTRY_FORMAT: _EntryDocument,
}
"""The shape of each format, from which the published schemas are made."""


def bundle_document(bundle: Bundle) -> dict[str, Any]:
    """Return *bundle* as the JSON object that its document spells."""
    document: dict[str, Any] = {
        "log": bundle.log,
        **_entry_document(bundle.proof),
        "checkpoint": bundle.checkpoint,
    }
    if bundle.keys:
        document["keys"] = [_entry_document(proof) for proof in bundle.keys]
    if isinstance(bundle, EntryBundle):
        return {"format": ENTRY_FORMAT, **document}
    package = {
        "index": bundle.package.index,
        "count": bundle.package.count,
        "blinding": format_base64(bundle.package.blinding),
        "hashes": [format_base64(part) for part in bundle.package.hashes],
    }
    return {"format": PACKAGE_FORMAT, **document, "code": bundle.code, "package": package}


def format_bundle(bundle: Bundle) -> bytes:
    """Return *bundle* as the bytes of its document, RFC 8785."""
    return encode(bundle_document(bundle))


def parse_bundle(data: bytes) -> Bundle:
    """
    Return the bundle that ``format_bundle`` would write as *data*. Nothing in it is checked yet.

    Raises:
        Refused: ``bundle.large``, ``bundle.format``, ``bundle.field``, ``bundle.bytes`` or ``canonical...``: anything
            else, also another spelling of the same JSON.
    """
    if len(data) > MAX_DOCUMENT_BYTES:
        raise Refused(LARGE.at(most=MAX_DOCUMENT_BYTES))
    fields = decode(data)
    found = fields.get("format")
    if found == PACKAGE_FORMAT:
        return _read_package(_convert(fields, _PackageDocument))
    if found == ENTRY_FORMAT:
        return _read_entry_bundle(_convert(fields, _EntryDocument))
    raise Refused(FORMAT.at("/format", found=str(found)[:60]))


def _entry_document(proof: EntryProof) -> dict[str, Any]:
    return {
        "entry": format_base64(proof.entry),
        "index": proof.index,
        "inclusion": [format_base64(part) for part in proof.inclusion],
    }


def _convert(fields: dict[str, Any], kind: type[_Document]) -> _Document:
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise Refused(FIELD.at(detail=str(error))) from None


def _read_entry_bundle(found: _EntryDocument) -> EntryBundle:
    return EntryBundle(found.log, _read_entry(found, ""), found.checkpoint, _read_keys(found.keys))


def _read_package(found: _PackageDocument) -> PackageBundle:
    part = found.package
    package = PackagePart(
        part.index,
        part.count,
        _read_bytes(part.blinding, "/package/blinding", BLINDING_BYTES),
        _read_hashes(part.hashes, "/package/hashes"),
    )
    proof = _read_entry(found, "")
    return PackageBundle(found.log, found.code, proof, found.checkpoint, package, _read_keys(found.keys))


def _read_keys(keys: tuple[_Entry, ...] | None) -> tuple[EntryProof, ...]:
    return tuple(_read_entry(entry, f"/keys/{place}") for place, entry in enumerate(keys or ()))


def _read_entry(found: _Entry | _EntryDocument | _PackageDocument, pointer: str) -> EntryProof:
    entry = _read_bytes(found.entry, pointer + "/entry")
    return EntryProof(entry, found.index, _read_hashes(found.inclusion, pointer + "/inclusion"))


def _read_hashes(texts: Sequence[str], pointer: str) -> tuple[Hash, ...]:
    return tuple(
        Hash(_read_bytes(text, f"{pointer}/{place}", HASH_BYTES)) for place, text in enumerate(texts)
    )


def _read_bytes(text: str, pointer: str, length: int | None = None) -> bytes:
    try:
        data = parse_base64(text)
    except Refused as refused:
        raise Refused([FIELD.at(pointer, detail=problem.en) for problem in refused.problems]) from None
    if length is not None and len(data) != length:
        raise Refused(BYTES.at(pointer, expected=length))
    return data
