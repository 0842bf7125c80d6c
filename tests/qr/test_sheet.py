"""Sheets as PDF: read back by a second library, from text and from pixels."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from pylopdf_fonts_zh_cn import sans_path

from suyuan.errors import Refused
from suyuan.qr.address import digital_link_url, package_url
from suyuan.qr.code import CodeMistyped, group_code
from suyuan.qr.label import LabelText
from suyuan.qr.layout import LAYOUTS, Layout
from suyuan.qr.run import make_code
from suyuan.qr.sheet import PRINT_HINT, Label, write_sheet

SECRET = bytes(range(32))
ADDRESS = "https://t.lianyuan.cn"
MADE_AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FONTS = (sans_path(),)
DPI = 203

each_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())


def make_label(index: int, product: str = "湄江脐橙", link: bool = False) -> Label:
    code = make_code(SECRET, "7K3MX", index)
    text = LabelText(
        product, "5 kg", "JQL26A07", date(2026, 11, 23), code, "t.lianyuan.cn", "涟源市喆堃㙍果业合作社"
    )
    url = (
        digital_link_url(ADDRESS, "6901234567892", "9B3N7T0QXA", code) if link else package_url(ADDRESS, code)
    )
    return Label(text, url)


def make_labels(count: int, link: bool = False) -> list[Label]:
    return [make_label(index, link=link) for index in range(count)]


@contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        document.close()


def draw_pages(pdf: bytes) -> list[Image.Image]:
    with opened(pdf) as document:
        return [page.render(scale=DPI / 72).to_pil().convert("L") for page in document]


def read_texts(pdf: bytes) -> list[str]:
    with opened(pdf) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def crop_place(page: Image.Image, layout: Layout, number: int) -> Image.Image:
    left, top = layout.place(number)
    width, height = layout.label_mm
    scale = DPI / 25.4
    return page.crop(
        (int(left * scale), int(top * scale), int((left + width) * scale), int((top + height) * scale))
    )


def decode(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


@cache
def full_sheet(name: str, link: bool) -> tuple[list[Label], bytes]:
    layout = LAYOUTS[name]
    labels = make_labels(3 if layout.is_roll else layout.places, link)
    return labels, write_sheet(labels, layout, FONTS, MADE_AT)


@cache
def small_sheet() -> bytes:
    return write_sheet(make_labels(26), LAYOUTS["a4-24"], FONTS, MADE_AT)


@each_layout
@pytest.mark.parametrize("link", [False, True], ids=["own address", "digital link"])
def test_every_code_decodes_from_a_203_dpi_raster_in_its_place(layout: Layout, link: bool) -> None:
    labels, pdf = full_sheet(layout.name, link)
    pages = draw_pages(pdf)
    for number, label in enumerate(labels):
        page, place = divmod(number, layout.places)
        assert decode(crop_place(pages[page], layout, place)) == [label.url]


def test_a_whole_page_gives_all_its_codes_at_once() -> None:
    labels = make_labels(26)
    first, second = draw_pages(small_sheet())
    assert sorted(decode(first)) == [label.url for label in labels[:24]]
    assert sorted(decode(second)) == [label.url for label in labels[24:]]


@pytest.mark.parametrize("name", ["a4-65", "roll-40x30"])
def test_a_shifted_layout_of_long_texts_still_decodes(name: str) -> None:
    layout = LAYOUTS[name]
    label = make_label(7, product="湄江镇古塘村高山富硒有机脐橙礼盒装（特级大果）" * 2)
    page = draw_pages(write_sheet([label], layout.shifted(0.1, 0.1), FONTS, MADE_AT))[0]
    assert decode(page) == [label.url]


def test_chinese_text_can_be_taken_out_of_the_pdf() -> None:
    first = read_texts(small_sheet())[0]
    for words in (
        "品名 湄江脐橙",
        "净含量 5 kg",
        "批次 JQL26A07",
        "包装日期 2026-11-23",
        "查询网址 t.lianyuan.cn",
    ):
        assert first.count(words) == 24
    for character in "喆堃㙍":
        assert character in first


def test_each_label_shows_its_code_in_words_of_five() -> None:
    lines = read_texts(small_sheet())[1].split("\n")
    for index in (24, 25):
        code = group_code(make_code(SECRET, "7K3MX", index))
        assert f"溯源码 {code[:11]}" in lines
        assert code[12:] in lines


@each_layout
def test_nothing_is_drawn_outside_a_label_but_the_hint(layout: Layout) -> None:
    page = draw_pages(write_sheet(make_labels(1), layout, FONTS, MADE_AT, start=layout.places))[0]
    left, top = layout.place(layout.places - 1)
    scale = DPI / 25.4
    page.paste(
        255, (int(left * scale), int(top * scale), page.width, int((top + layout.label_mm[1]) * scale))
    )
    below = min(top + layout.label_mm[1], layout.page_mm[1] - layout.padding_mm[1])
    page.paste(255, (0, int(below * scale), page.width, page.height))
    assert page.getextrema() == (255, 255)


def test_rare_characters_are_drawn_and_differ_from_an_empty_box() -> None:
    labels = [
        replace(label, text=replace(label.text, product=name))
        for name in "喆堃㙍"
        for label in make_labels(1)
    ]
    drawn = {
        page.tobytes() for page in draw_pages(write_sheet(labels, LAYOUTS["roll-60x40"], FONTS, MADE_AT))
    }
    assert len(drawn) == 3


def test_a_sheet_says_how_to_print_it_and_counts_its_pages() -> None:
    first, second = read_texts(small_sheet())
    assert PRINT_HINT in first
    assert "第 1 页" in first
    assert "第 2 页" in second
    assert b"/PrintScaling /None" in small_sheet()


def test_a_roll_has_one_label_a_page_and_no_hint() -> None:
    texts = read_texts(full_sheet("roll-60x40", False)[1])
    assert len(texts) == 3
    assert PRINT_HINT not in "".join(texts)


@each_layout
def test_a_page_has_the_size_of_the_paper(layout: Layout) -> None:
    with opened(full_sheet(layout.name, False)[1]) as document:
        assert document[0].get_size() == pytest.approx(
            [side * 72 / 25.4 for side in layout.page_mm], abs=0.02
        )


@pytest.mark.parametrize("start", [1, 5, 24])
def test_a_begun_sheet_is_continued_at_its_start(start: int) -> None:
    layout = LAYOUTS["a4-24"]
    labels = make_labels(2)
    pages = draw_pages(write_sheet(labels, layout, FONTS, MADE_AT, start))
    assert decode(crop_place(pages[0], layout, start - 1)) == [labels[0].url]
    page, place = divmod(start, layout.places)
    assert decode(crop_place(pages[page], layout, place)) == [labels[1].url]
    assert sum(len(decode(page)) for page in pages) == 2


@pytest.mark.parametrize("start", [0, 25])
def test_a_start_outside_the_page_is_refused(start: int) -> None:
    with pytest.raises(Refused) as refused:
        write_sheet(make_labels(1), LAYOUTS["a4-24"], FONTS, MADE_AT, start)
    assert refused.value.problems[0].code == "layout.start"


def test_characters_that_no_font_has_are_named_and_nothing_is_made() -> None:
    labels = [make_label(0, product="脐橙\u1780"), make_label(1, product="\u1781\n橙")]
    with pytest.raises(Refused) as refused:
        write_sheet(labels, LAYOUTS["a4-24"], FONTS, MADE_AT)
    assert refused.value.problems[0].code == "label.glyph"
    assert refused.value.problems[0].values["characters"] == "U+000A \u1780 \u1781"


def test_a_second_font_gives_what_the_first_lacks(latin_font: Path) -> None:
    labels = [make_label(0, product="Pomme 脐橙")]
    with pytest.raises(Refused) as refused:
        write_sheet(labels, LAYOUTS["a4-10"], [latin_font], MADE_AT)
    assert "脐" in refused.value.problems[0].zh
    pdf = write_sheet(labels, LAYOUTS["a4-10"], [latin_font, *FONTS], MADE_AT)
    assert "品名 Pomme 脐橙" in read_texts(pdf)[0]


@pytest.fixture(scope="module")
def latin_font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A subset of the same font that knows ASCII only."""
    from fontTools.subset import (  # type: ignore[import-untyped]  # fontTools has no types
        Options,
        Subsetter,
        load_font,
        save_font,
    )

    options = Options(notdef_outline=True)
    font = load_font(str(FONTS[0]), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=range(0x20, 0x7F))
    subsetter.subset(font)
    path = tmp_path_factory.mktemp("fonts") / "latin.otf"
    save_font(font, str(path), options)
    font.close()
    return path


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # fontTools drops a file that is no font
@pytest.mark.parametrize("name", ["absent.otf", "garbage.otf", "notes.txt"])
def test_a_font_that_cannot_be_read_is_refused_by_name(tmp_path: Path, name: str) -> None:
    if name != "absent.otf":
        (tmp_path / name).write_bytes(b"no font at all")
    with pytest.raises(Refused) as refused:
        write_sheet(make_labels(1), LAYOUTS["a4-24"], [*FONTS, tmp_path / name], MADE_AT)
    assert refused.value.problems[0].code == "label.font"
    assert refused.value.problems[0].values["name"] == name
    del refused
    gc.collect()


def test_no_font_and_no_label_are_refused() -> None:
    with pytest.raises(Refused, match=r"label\.font"):
        write_sheet(make_labels(1), LAYOUTS["a4-24"], [], MADE_AT)
    with pytest.raises(Refused, match=r"label\.none"):
        write_sheet([], LAYOUTS["a4-24"], FONTS, MADE_AT)


def test_a_mistyped_code_and_an_address_too_long_are_refused() -> None:
    label = make_label(0)
    with pytest.raises(CodeMistyped):
        write_sheet(
            [replace(label, text=replace(label.text, code="7K3MX"))], LAYOUTS["a4-24"], FONTS, MADE_AT
        )
    with pytest.raises(Refused, match=r"layout\.module"):
        write_sheet([replace(label, url=label.url * 8)], LAYOUTS["a4-65"], FONTS, MADE_AT)


def test_labels_are_taken_one_by_one_so_that_a_caller_can_count() -> None:
    taken: list[int] = []

    def count() -> Iterator[Label]:
        for index in range(3):
            taken.append(index)
            yield make_label(index)

    write_sheet(count(), LAYOUTS["a4-24"], FONTS, MADE_AT)
    assert taken == [0, 1, 2]


def test_the_same_labels_give_the_same_bytes() -> None:
    assert write_sheet(make_labels(26), LAYOUTS["a4-24"], FONTS, MADE_AT) == small_sheet()


def test_a_label_adds_little_more_than_a_kilobyte_to_the_sheet() -> None:
    one = len(write_sheet(make_labels(2), LAYOUTS["a4-24"], FONTS, MADE_AT))
    assert (len(small_sheet()) - one) / 24 <= 1200
