"""
The address inside a symbol: ``https://host/p/CODE``, or a GS1 Digital Link where the product has a GTIN.

Scheme and host are case-insensitive by RFC 3986 section 6.2.2.1 and our paths by decision, so an address without a
path of its own is written in upper case: a QR code then stores it in alphanumeric mode, 5.5 bits a character.

GS1 Digital Link Standard: URI Syntax 1.6.0, section 4; GTIN check digit: GS1 General Specifications, section 7.9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from ..errors import Reason, Refused
from .code import PackageCode, format_code, parse_code

ADDRESS = Reason(
    "address.form",
    "公开网址“{address}”应形如 https://example.cn，不带参数，主机名用 ASCII 字符",
    "the public address {address!r} should look like https://example.org: no query, an ASCII host name",
)
PATH = Reason("address.path", "“{path}”不是溯源码的网址路径", "{path!r} is not the path of a package code")
GTIN = Reason(
    "address.gtin",
    "GTIN“{gtin}”应为 8、12、13 或 14 位数字，且校验位正确",
    "the GTIN {gtin!r} should be 8, 12, 13 or 14 digits with a right check digit",
)
BATCH = Reason(
    "address.batch",
    "批次“{batch}”应为 1 到 20 位数字和大写字母",
    "the batch {batch!r} should be 1 to 20 digits and capital letters",
)

_ADDRESS: Final = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?((?:/[A-Za-z0-9._~-]+)*)/?", re.I
)
_PACKAGE_PATH: Final = re.compile(r"/p/([^/]+)/?\Z", re.I)
_LINK_PATH: Final = re.compile(r"/01/([0-9]{14})(?:/22/[^/]+)?(?:/10/([^/]{1,20}))?/21/([^/]+)/?\Z")
_BATCH: Final = re.compile(r"[0-9A-Z]{1,20}")
_LONGEST_PATH = 400


@dataclass(frozen=True, slots=True)
class PackagePath:
    """What the path of a scanned address says: the code, and for a GS1 Digital Link its GTIN-14 and batch."""

    code: PackageCode
    gtin: str | None = None
    batch: str | None = None


def package_url(address: str, code: str) -> str:
    """
    Return the address of one package, such as ``HTTPS://EXAMPLE.CN/P/7K3MX0001ZAB3DE6GH9C``.

    Upper case throughout, unless *address* has a path of its own, whose case may matter to others.

    Args:
        address: the log's public address, such as ``https://example.cn``.

    Raises:
        Refused: ``address.form``.
        CodeMistyped: *code* is none.
    """
    origin, path = _split_address(address)
    return f"{origin}{path}/{'p' if path else 'P'}/{format_code(parse_code(code))}"


def digital_link_url(address: str, gtin: str, batch: str, code: str) -> str:
    """
    Return the GS1 Digital Link of one package, such as ``HTTPS://EXAMPLE.CN/01/06901234567892/10/9B3N7T0QXA/21/...``.

    Args:
        gtin: GTIN-8, 12, 13 or 14 that GS1 gave to the product, never an invented one.
        batch: the batch's minted id, 1 to 20 of ``[0-9A-Z]``.

    Raises:
        Refused: ``address.form``, ``address.gtin`` or ``address.batch``.
        CodeMistyped: *code* is none.
    """
    origin, path = _split_address(address)
    if not _BATCH.fullmatch(batch):
        raise Refused(BATCH.at(batch=batch[:40]))
    return f"{origin}{path}/01/{format_gtin(gtin)}/10/{batch}/21/{format_code(parse_code(code))}"


def parse_package_path(path: str) -> PackagePath:
    """
    Return what the path of a request names; any case, percent-encoded or not, with or without a last slash.

    Segments before the rightmost key belong to the server and are ignored (URI Syntax 1.6.0, section 4).

    Raises:
        Refused: ``address.path``, neither form; ``address.gtin``, a wrong check digit.
        CodeMistyped: the form is right, the code is none.
    """
    plain = unquote(path) if len(path) <= _LONGEST_PATH else ""
    if match := _LINK_PATH.search(plain):
        return PackagePath(parse_code(match[3]), format_gtin(match[1]), match[2])
    if match := _PACKAGE_PATH.search(plain):
        return PackagePath(parse_code(match[1]))
    raise Refused(PATH.at(path=path[:80]))


def format_gtin(gtin: str) -> str:
    """
    Return *gtin* as fourteen digits, padded with zeros on the left.

    >>> format_gtin("6901234567892")
    '06901234567892'

    Raises:
        Refused: ``address.gtin``, wrong length, characters or check digit.
    """
    digits = [int(digit) for digit in reversed(gtin)] if gtin.isascii() and gtin.isdigit() else []
    if len(digits) not in (8, 12, 13, 14) or (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10:
        raise Refused(GTIN.at(gtin=gtin[:40]))
    return gtin.zfill(14)


def find_domain(address: str) -> str:
    """
    Return the host of *address* in lower case, with its port if it has one, as labels print it.

    Raises:
        Refused: ``address.form``.
    """
    return _split_address(address)[0].split("//")[1].lower()


def _split_address(address: str) -> tuple[str, str]:
    """Return scheme and host in the case that suits the symbol, and the path without its last slash."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise Refused(ADDRESS.at(address=address[:80]))
    path = match[1]
    origin = address.rstrip("/").removesuffix(path)
    return (origin.lower() if path else origin.upper()), path
