"""The address in a symbol, and the way back from a request's path."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.produce.crockford import ALPHABET
from suyuan.qr.address import (
    PackagePath,
    digital_link_url,
    find_domain,
    format_gtin,
    package_url,
    parse_package_path,
)
from suyuan.qr.code import CodeMistyped, PackageCode, format_code, parse_code

CODE = "7K3MX0001ZAB3DE6GH9N"
GTIN = "6901234567892"
ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")

codes = st.builds(
    PackageCode,
    st.text(ALPHABET, min_size=5, max_size=5),
    st.integers(0, 2**25 - 1),
    st.text(ALPHABET, min_size=9, max_size=9),
).map(format_code)


def codes_of(error: Refused) -> list[str]:
    return [problem.code for problem in error.problems]


def test_an_address_is_upper_case_throughout_for_alphanumeric_mode() -> None:
    assert package_url("https://t.lianyuan.cn", CODE) == f"HTTPS://T.LIANYUAN.CN/P/{CODE}"
    assert package_url("http://127.0.0.1:8000/", CODE) == f"HTTP://127.0.0.1:8000/P/{CODE}"
    assert set(package_url("https://t.lianyuan.cn", CODE)) <= ALPHANUMERIC


def test_a_path_of_its_own_keeps_its_case() -> None:
    assert package_url("https://County.cn/Trace/", CODE) == f"https://county.cn/Trace/p/{CODE}"


def test_a_digital_link_has_fourteen_digits_batch_and_serial_in_their_order() -> None:
    url = digital_link_url("https://t.lianyuan.cn", GTIN, "9B3N7T0QXA", CODE.lower())
    assert url == f"HTTPS://T.LIANYUAN.CN/01/06901234567892/10/9B3N7T0QXA/21/{CODE}"
    assert set(url) <= ALPHANUMERIC


@given(
    codes,
    st.text(ALPHABET, min_size=10, max_size=10),
    st.sampled_from(["https://t.cn", "https://t.cn/01/Stem"]),
)
def test_both_forms_lead_back_to_the_code(code: str, batch: str, address: str) -> None:
    parts = parse_code(code)
    assert parse_package_path(urlsplit(package_url(address, code)).path) == PackagePath(parts)
    link = urlsplit(digital_link_url(address, GTIN, batch, code)).path
    assert parse_package_path(link) == PackagePath(parts, "06901234567892", batch)


@pytest.mark.parametrize(
    "path",
    [
        f"/p/{CODE}",
        f"/P/{CODE}",
        f"/p/{CODE.lower()}/",
        f"/p/{quote('7K3MX 0001Z AB3DE 6GH9N')}",
        f"/p/{quote('７Ｋ３ＭＸ－０００１Ｚ－ＡＢ３ＤＥ－６ＧＨ９Ｎ')}",
        "/p/7K3MX-OoO1z-AB3DE-6GH9N",
        f"/01/06901234567892/21/{CODE}",
        f"/01/06901234567892/22/2A/10/AB1/21/{CODE}/",
    ],
)
def test_a_path_may_be_spelled_in_many_ways(path: str) -> None:
    assert parse_package_path(path).code == parse_code(CODE)


@pytest.mark.parametrize(
    "path", ["", "/", "/p/", f"/q/{CODE}", f"/p/{CODE}/x", f"/01/690123456789/21/{CODE}", "/p/" + "A" * 1000]
)
def test_another_path_is_refused(path: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_package_path(path)
    assert codes_of(refused.value) == ["address.path"]


def test_a_mistyped_code_in_a_path_is_told_apart_from_a_wrong_path() -> None:
    with pytest.raises(CodeMistyped):
        parse_package_path("/p/7K3MX0001ZAB3DE6GH9M")


def test_a_wrong_check_digit_in_a_digital_link_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        parse_package_path(f"/01/06901234567893/10/A/21/{CODE}")
    assert codes_of(refused.value) == ["address.gtin"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "t.lianyuan.cn",
        "ftp://t.cn",
        "https://",
        "https://涟源.cn",
        "https://t.cn/?a=1",
        "https://t.cn#x",
        "https://a b.cn",
        "https://user@t.cn",
        "https://-t.cn",
    ],
)
def test_an_address_of_another_form_is_refused(address: str) -> None:
    with pytest.raises(Refused) as refused:
        package_url(address, CODE)
    assert codes_of(refused.value) == ["address.form"]


@pytest.mark.parametrize("batch", ["", "ab", "A-1", "A" * 21, "A/B"])
def test_a_batch_that_a_digital_link_cannot_hold_is_refused(batch: str) -> None:
    with pytest.raises(Refused) as refused:
        digital_link_url("https://t.cn", GTIN, batch, CODE)
    assert codes_of(refused.value) == ["address.batch"]


@pytest.mark.parametrize(
    ("gtin", "full"),
    [
        ("96385074", "00000096385074"),
        ("614141123452", "00614141123452"),
        (GTIN, "06901234567892"),
        ("16901234567899", "16901234567899"),
        ("09506000134352", "09506000134352"),
    ],
)
def test_a_gtin_is_padded_to_fourteen_digits(gtin: str, full: str) -> None:
    assert format_gtin(gtin) == full


@pytest.mark.parametrize(
    "gtin", ["", "6901234567893", "690123456789", "69012345678９2", "abcdefgh", "0" * 15]
)
def test_a_wrong_gtin_is_refused(gtin: str) -> None:
    with pytest.raises(Refused) as refused:
        format_gtin(gtin)
    assert codes_of(refused.value) == ["address.gtin"]


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_of_a_gtin_is_caught(body: str, place: int, step: int) -> None:
    check = -sum(int(digit) * (3 if number % 2 else 1) for number, digit in enumerate(body)) % 10
    assert format_gtin(f"{body}{check}") == f"0{body}{check}"
    wrong = body[:place] + str((int(body[place]) + step) % 10) + body[place + 1 :]
    with pytest.raises(Refused):
        format_gtin(f"{wrong}{check}")


def test_the_shared_vectors_of_check_digits_agree(shared: Path) -> None:
    vectors = json.loads((shared / "vectors" / "cn" / "check-digits.json").read_text(encoding="utf-8"))[
        "gtin"
    ]
    assert [format_gtin(gtin) for gtin in vectors["valid"]] == [gtin.zfill(14) for gtin in vectors["valid"]]
    for gtin in vectors["invalid"]:
        with pytest.raises(Refused):
            format_gtin(gtin)


def test_the_domain_on_a_label_is_plain() -> None:
    assert find_domain("HTTPS://T.Lianyuan.CN/") == "t.lianyuan.cn"
    assert find_domain("http://127.0.0.1:8000") == "127.0.0.1:8000"
