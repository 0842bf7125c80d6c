"""The page in headless Chromium at the width of a phone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.orchard import name
from tests.served import Site
from tests.web.browser import FLAGS, find_chromium
from tests.web.documents import Document


@pytest.fixture(scope="module")
def chromium() -> str:
    return find_chromium()


def look(chromium: str, profile: Path, url: str, *flags: str) -> str:
    """Return the document as the browser has it after loading, and what it wrote to its console."""
    done = subprocess.run(
        [
            chromium,
            *FLAGS,
            *flags,
            f"--user-data-dir={profile}",
            "--enable-logging=stderr",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        timeout=60,
        check=True,
    )
    console = [line for line in done.stderr.decode(errors="replace").splitlines() if "CONSOLE" in line]
    assert console == []  # a policy that blocks our own style would say so here
    return done.stdout.decode()


def test_the_verdict_is_what_a_reader_sees_first(chromium: str, tmp_path: Path, reading_site: Site) -> None:
    dom = look(chromium, tmp_path, f"{reading_site.url}/P/{reading_site.orchard.code('R1', 3)}")
    document = Document(dom)
    text = document.all("main")[0].text.split()
    assert text[0].startswith("记录完整")
    assert re.search(r"<style>.+\.verdict", dom, re.S)


@pytest.mark.parametrize("path", ["/", "/b/{batch}", "/p/7K3MX", "/nope"])
def test_every_page_opens_without_a_word_on_the_console(
    chromium: str, tmp_path: Path, reading_site: Site, path: str
) -> None:
    dom = look(chromium, tmp_path, reading_site.url + path.format(batch=name("精")))
    assert len(Document(dom).all("h1")) == 1


def test_the_page_fits_the_width_of_a_phone_and_shows_its_style(
    chromium: str, tmp_path: Path, reading_site: Site
) -> None:
    picture = tmp_path / "page.png"
    url = f"{reading_site.url}/p/{reading_site.orchard.code('R1', 3)}"
    look(chromium, tmp_path / "profile", url, f"--screenshot={picture}")
    from PIL import Image

    with Image.open(picture) as image:
        pixels = image.convert("RGB")
        assert pixels.size == (390, 844)
        green = (0x0D, 0x6B, 0x3C)
        assert pixels.getpixel((30, 60)) == green  # the verdict's card, under the header
        assert pixels.getpixel((387, 400)) == (
            0xF4,
            0xF6,
            0xF3,
        )  # the margin on the right: nothing runs over it
