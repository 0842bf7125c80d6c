"""Codes and commitments of label runs, and sheets of labels."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

from suyuan.qr.address import package_url
from suyuan.qr.fonts import find_sheet_fonts
from suyuan.qr.label import LabelText
from suyuan.qr.layout import LAYOUTS
from suyuan.qr.run import make_code, run_root
from suyuan.qr.sheet import Label, write_sheet

from .figure import Figure, Size, in_turn, rate_of
from .stores import Stores

SECRET = bytes(range(32))
RUN = "7K3MX"


def measure_labels(_stores: Stores, size: Size) -> Iterator[Figure]:
    """Packages a second, against the hashes that a package cannot do without, and against ``qrcode`` alone."""
    packages, labels = size.of(20_000, 1000), size.of(192, 24)
    urls = [package_url("https://bench.invalid", make_code(SECRET, RUN, index)) for index in range(labels)]
    rates = in_turn(
        size.rounds,
        root=lambda: rate_of(packages, lambda: run_root(SECRET, RUN, packages)),
        code=lambda: rate_of(packages, lambda: [make_code(SECRET, RUN, n) for n in range(packages)]),
        hashes=lambda: rate_of(packages, lambda: _hashes(packages)),
        sheet=lambda: rate_of(labels, lambda: _sheet(urls)),
        symbols=lambda: rate_of(labels, lambda: _symbols(urls)),
    )
    least = "HMAC and two SHA-256 a package"
    yield Figure("labels.root", rates["root"], "packages/s", least, rates["hashes"])
    yield Figure("labels.codes", rates["code"], "codes/s", least, rates["hashes"])
    yield Figure("labels.sheet", rates["sheet"], "labels/s", "matrices by qrcode alone", rates["symbols"])


def _hashes(count: int) -> None:
    for index in range(count):
        digest = hmac.digest(SECRET, b"suyuan package" + index.to_bytes(4, "big"), "sha256")
        leaf = hashlib.sha256(b"\0" + digest).digest()
        hashlib.sha256(b"\1" + leaf + leaf).digest()


def _sheet(urls: Sequence[str]) -> None:
    labels = []
    for url in urls:
        code = url.rsplit("/", 1)[1]
        text = LabelText("金秋梨", "5 kg", "JQL26A07", date(2026, 9, 21), code, "bench.invalid", "合作社")
        labels.append(Label(text, url))
    write_sheet(labels, LAYOUTS["a4-24"], find_sheet_fonts(), datetime(2026, 9, 21, tzinfo=UTC))


def _symbols(urls: Sequence[str]) -> None:
    for url in urls:
        symbol = QRCode(error_correction=ERROR_CORRECT_M, border=0)
        symbol.add_data(url, optimize=0)
        symbol.make(fit=True)
