"""Symbols and their pictures, decoded by a second library from pixels."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from suyuan.errors import Refused
from suyuan.qr.symbol import Level, Symbol, make_symbol, render_png, render_svg

URL = "HTTPS://T.LIANYUAN.CN/P/7K3MX0001ZAB3DE6GH9N"
LINK = "HTTPS://T.LIANYUAN.CN/01/06901234567892/10/9B3N7T0QXA/21/7K3MX0001ZAB3DE6GH9N"


def decode(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image.convert("L"))]


def draw_svg(document: str, scale: int) -> Image.Image:
    """Rasterise the one dark path: M x y, then a rectangle one module high."""
    root = ET.fromstring(document)
    side = int(root.attrib["viewBox"].split()[2])
    image = Image.new("L", (side * scale, side * scale), 255)
    pen = ImageDraw.Draw(image)
    dark = root[-1].attrib["d"]
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", dark)
    assert "".join(f"M{x} {y}h{n}v1h-{back}z" for x, y, n, back in runs) == dark
    for x, y, n, back in runs:
        assert n == back
        left, top = int(x) * scale, int(y) * scale
        pen.rectangle((left, top, left + int(n) * scale - 1, top + scale - 1), fill=0)
    return image


def test_an_upper_case_url_needs_version_3_and_a_digital_link_version_4() -> None:
    assert make_symbol(URL, "M").version == 3
    assert make_symbol(URL, "M").side == 29
    assert make_symbol(LINK, "M").version == 4


@settings(max_examples=30, deadline=None)
@given(
    st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ:/.-", min_size=1, max_size=150),
    st.sampled_from(["L", "M", "Q", "H"]),
    st.integers(2, 5),
)
def test_a_png_decodes(text: str, level: Level, module_px: int) -> None:
    symbol = make_symbol(text, level)
    image = Image.open(io.BytesIO(render_png(symbol, module_px)))
    assert image.mode == "1"
    assert image.size == ((symbol.side + 8) * module_px,) * 2
    assert decode(image) == [text]


@pytest.mark.parametrize("url", [URL, LINK, "https://county.cn/Trace/p/7K3MX0001ZAB3DE6GH9N"])
def test_an_svg_decodes_from_its_path(url: str) -> None:
    assert decode(draw_svg(render_svg(make_symbol(url), 0.5), 4)) == [url]


def test_an_svg_says_its_size_in_millimetres() -> None:
    root = ET.fromstring(render_svg(make_symbol(URL), 0.5))
    assert root.attrib["width"] == root.attrib["height"] == "18.5mm"
    assert root.attrib["viewBox"] == "0 0 37 37"


def test_merged_runs_cover_exactly_the_dark_modules() -> None:
    symbol = make_symbol(LINK)
    covered = [bytearray(symbol.side) for _ in range(symbol.side)]
    for row, column, length in symbol.runs():
        for module in range(column, column + length):
            assert not covered[row][module]
            covered[row][module] = 1
    assert tuple(map(bytes, covered)) == symbol.rows


def test_the_quiet_zone_is_four_modules_of_white() -> None:
    image = Image.open(io.BytesIO(render_png(make_symbol(URL), 3))).convert("L")
    dark = Image.eval(image, lambda value: 255 - value).getbbox()
    assert dark == (12, 12, image.width - 12, image.height - 12)


def test_the_same_text_gives_the_same_bytes() -> None:
    assert render_png(make_symbol(URL), 4) == render_png(make_symbol(URL), 4)


@pytest.mark.parametrize("length", [2332, 5000])
def test_a_text_beyond_version_40_is_refused(length: int) -> None:
    with pytest.raises(Refused) as refused:
        make_symbol("a" * length)
    assert [p.code for p in refused.value.problems] == ["symbol.long"]


def test_a_symbol_is_a_value() -> None:
    assert make_symbol(URL) == make_symbol(URL)
    assert isinstance(hash(make_symbol(URL)), int)
    assert Symbol((b"\1",), 1, "M").side == 1
