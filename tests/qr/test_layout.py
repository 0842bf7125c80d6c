"""Sheets and rolls: everything lies on the page, and no symbol is too small to scan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from suyuan.errors import Refused
from suyuan.qr.layout import LAYOUTS, LEAST_MODULE_MM, Layout, check_layout, find_layout

LINK_SIDE = 33  # version 4: a GS1 Digital Link on a short domain
LONG_LINK_SIDE = 37  # version 5: on a long one

each_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())


def codes_of(error: Refused) -> list[str]:
    return [problem.code for problem in error.problems]


@each_layout
def test_a_published_layout_passes_its_own_check(layout: Layout) -> None:
    for side in (25, 29, LINK_SIDE, LONG_LINK_SIDE):
        check_layout(layout, side)


@each_layout
def test_the_name_tells_how_many_labels_a_page_has(layout: Layout) -> None:
    number = layout.name.removeprefix("a4-").removeprefix("roll-")
    expected = f"{layout.label_mm[0]:.0f}x{layout.label_mm[1]:.0f}" if layout.is_roll else str(layout.places)
    assert number == expected


@each_layout
def test_labels_do_not_overlap_and_stay_on_the_page(layout: Layout) -> None:
    width, height = layout.label_mm
    places = [layout.place(number) for number in range(layout.places)]
    assert places == sorted(places, key=lambda place: (place[1], place[0]))
    assert layout.columns == 1 or layout.pitch_x_mm >= width
    assert layout.rows == 1 or layout.pitch_y_mm >= height
    assert min(left for left, _ in places) >= 0
    assert min(top for _, top in places) >= 0
    assert max(left for left, _ in places) + width <= layout.page_mm[0] + 0.01
    assert max(top for _, top in places) + height <= layout.page_mm[1] + 0.01


@each_layout
def test_grid_margins_are_even_on_both_sides(layout: Layout) -> None:
    right = layout.page_mm[0] - layout.place(layout.places - 1)[0] - layout.label_mm[0]
    bottom = layout.page_mm[1] - layout.place(layout.places - 1)[1] - layout.label_mm[1]
    assert right == pytest.approx(layout.left_mm, abs=0.05)
    assert bottom == pytest.approx(layout.top_mm, abs=0.05)


@each_layout
def test_at_least_16_mm_are_left_for_the_words(layout: Layout) -> None:
    assert layout.label_mm[0] - 2 * layout.padding_mm[0] - layout.symbol_mm >= 16


def test_a_module_is_whole_dots_of_a_203_dpi_printer_where_that_is_large_enough() -> None:
    dots = LAYOUTS["roll-40x30"].module_mm(29) / (25.4 / 203)
    assert dots == pytest.approx(4)


def test_a_module_below_the_least_is_refused_with_its_size() -> None:
    layout = LAYOUTS["a4-65"]
    with pytest.raises(Refused) as refused:
        layout.module_mm(57)
    assert codes_of(refused.value) == ["layout.module"]
    assert refused.value.problems[0].values["least_um"] == LEAST_MODULE_MM * 1000


def test_a_module_of_less_than_four_dots_fills_the_box_instead() -> None:
    assert LAYOUTS["a4-65"].module_mm(45) == pytest.approx(18.6 / 53)


def test_all_that_is_wrong_with_a_layout_is_reported_at_once() -> None:
    layout = replace(LAYOUTS["a4-24"], rows=9, symbol_mm=34, columns=4)
    with pytest.raises(Refused) as refused:
        check_layout(layout, 97)
    assert codes_of(refused.value) == ["layout.grid", "layout.symbol", "layout.module"]


def test_a_layout_may_be_shifted_for_a_printer_that_feeds_off() -> None:
    assert LAYOUTS["a4-24"].shifted(0.3, -0.2).place(4) == pytest.approx((70.3, 37.3))


def test_an_unknown_layout_names_those_that_there_are() -> None:
    assert find_layout("a4-40") is LAYOUTS["a4-40"]
    with pytest.raises(Refused) as refused:
        find_layout("a5-1")
    assert "roll-60x40" in refused.value.problems[0].zh
