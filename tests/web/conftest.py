"""An orchard after its season, served over real HTTP, and a browser to look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.orchard import grown, orchard
from tests.served import reading_site, site
from tests.web.browser import Browser, Tab, open_browser

__all__ = ["browser", "grown", "orchard", "reading_site", "site", "tab"]

PLAIN_HTTP = "insecure.invalid"
"""A name for this machine that the browser does not take for it, so that pages under it are not secure."""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all tests."""
    profile = tmp_path_factory.mktemp("chromium")
    with open_browser(profile, f"--host-resolver-rules=MAP {PLAIN_HTTP} 127.0.0.1") as running:
        yield running


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A tab that remembers nothing of other tests."""
    opened = browser.tab()
    yield opened
    opened.close()
