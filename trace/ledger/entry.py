"""
Entries: what the ledger stores, hashes and never serialises again.

Example, as RFC 8785 bytes (hashes are 64 lower-case hex digits)::

    {"at":"2026-11-23T08:00:00.000Z","chains":[{"id":"batch:7K3M9Q2XWA","prev":"0000...","seq":0}],"index":5,
    "log":"example.com/suyuan","prev":"6e34...","statement":"eyJhbGciOi...","v":1}
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NoReturn

import msgspec

from ..errors import Reason, Refused, TooLarge
from .canonical import MAX_INTEGER, decode
from .hashing import HASH_BYTES, Hash
from .moment import format_moment, parse_moment

VERSION = 1
MAX_ENTRY_BYTES = 60_000
"""Below the 65,535 bytes of an entry in a C2SP bundle."""

MAX_CHAINS = 256

FORM = Reason("entry.form", "条目字段不对：{field}", "the entry's field is wrong: {field}")
LARGE = Reason(
    "entry.large", "条目有 {found} 字节，上限 {most}", "the entry has {found} bytes, {most} at most"
)

_LOG = re.compile(r"[!-~]{1,255}")
_ID = re.compile(r"[!-~]{1,128}")
_TOKEN = re.compile(r"[A-Za-z0-9_.-]+")
_HEX = re.compile(r"[0-9a-f]{64}")
_FIELDS = ["at", "chains", "index", "log", "prev", "statement", "v"]
_LINK_FIELDS = ["id", "prev", "seq"]


class Link(msgspec.Struct, frozen=True):
    """Place *seq* (from 0) in the chain of subject *id*, after the entry with leaf hash *prev* (ZERO at the start)."""

    id: str
    seq: int
    prev: Hash


class Entry(msgspec.Struct, frozen=True):
    """
    Entry *index* of *log*, after the entry with leaf hash *prev*, taken in at *at*.

    *chains* holds at most 256 links with distinct ids in rising order; *statement* is a compact JWS.
    """

    log: str
    index: int
    prev: Hash
    at: datetime
    chains: tuple[Link, ...]
    statement: str


def format_entry(entry: Entry) -> bytes:
    """
    Return the bytes of *entry*: RFC 8785, made once.

    Raises:
        TooLarge: more than MAX_ENTRY_BYTES.
        Refused: a field outside its range, or chains that are not in order.
    """
    _check(entry)
    data = msgspec.json.encode(
        {
            "at": format_moment(entry.at),
            "chains": [{"id": link.id, "prev": link.prev.hex(), "seq": link.seq} for link in entry.chains],
            "index": entry.index,
            "log": entry.log,
            "prev": entry.prev.hex(),
            "statement": entry.statement,
            "v": VERSION,
        }
    )
    if len(data) > MAX_ENTRY_BYTES:
        raise TooLarge(LARGE.at(found=len(data), most=MAX_ENTRY_BYTES))
    return data


def parse_entry(data: bytes) -> Entry:
    """
    Return the entry that ``format_entry`` would write as *data*.

    Raises:
        TooLarge: more than MAX_ENTRY_BYTES.
        Refused: anything else that is not exactly an entry of version 1.
    """
    if len(data) > MAX_ENTRY_BYTES:
        raise TooLarge(LARGE.at(found=len(data), most=MAX_ENTRY_BYTES))
    try:
        form = _FORMS.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        form = None
    if form is None or form.v != VERSION or msgspec.json.encode(form) != data:
        _explain(data)
    entry = Entry(
        log=form.log,
        index=form.index,
        prev=_hash(form.prev, ""),
        at=parse_moment(form.at),
        chains=tuple([_parse_link(link, place) for place, link in enumerate(form.chains)]),
        statement=form.statement,
    )
    _check(entry)
    return entry


class _LinkForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    prev: str
    seq: int


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as JSON. What msgspec writes of it is RFC 8785: names stand in order, and the rest has one spelling."""

    at: str
    chains: list[_LinkForm]
    index: int
    log: str
    prev: str
    statement: str
    v: int


_FORMS = msgspec.json.Decoder(_Form)


def _explain(data: bytes) -> NoReturn:
    """Refuse *data*, which is not the one spelling of the form, by the first thing that is wrong with it."""
    fields = decode(data)
    _require(list(fields) == _FIELDS, "")
    _require(type(fields["v"]) is int and fields["v"] == VERSION, "/v")
    _require(isinstance(fields["chains"], list), "/chains")
    for name, kind in (("log", str), ("index", int), ("prev", str), ("at", str)):
        _require(type(fields[name]) is kind, f"/{name}")
    for place, link in enumerate(fields["chains"]):
        at = f"/chains/{place}"
        _require(isinstance(link, dict) and list(link) == _LINK_FIELDS, at)
        for name, kind in (("id", str), ("seq", int), ("prev", str)):
            _require(type(link[name]) is kind, f"{at}/{name}")
    raise Refused(FORM.at("/statement", field="/statement"))


def _parse_link(link: _LinkForm, place: int) -> Link:
    return Link(link.id, link.seq, _hash(link.prev, f"/chains/{place}"))


def _check(entry: Entry) -> None:
    """Check ranges and order, the same for entries written and read. Regular expressions keep text plain ASCII."""
    _require(_LOG.fullmatch(entry.log) is not None, "/log")
    _require(0 <= entry.index <= MAX_INTEGER, "/index")
    _require(len(entry.prev) == HASH_BYTES, "/prev")
    _require(_TOKEN.fullmatch(entry.statement) is not None, "/statement")
    _require(len(entry.chains) <= MAX_CHAINS, "/chains")
    last = ""
    for place, link in enumerate(entry.chains):
        if not (last < link.id and _ID.fullmatch(link.id)):
            _require(False, f"/chains/{place}/id")
        if not 0 <= link.seq <= MAX_INTEGER or len(link.prev) != HASH_BYTES:
            _require(False, f"/chains/{place}")
        last = link.id


def _require(holds: bool, pointer: str) -> None:
    if not holds:
        raise Refused(FORM.at(pointer, field=pointer or "/"))


def _hash(found: str, at: str) -> Hash:
    if not _HEX.fullmatch(found):
        _require(False, f"{at}/prev")
    return Hash(bytes.fromhex(found))
