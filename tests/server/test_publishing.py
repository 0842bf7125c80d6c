"""The tasks that publish beside the server, and what they do with errors that nobody foresaw."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import Publisher
from suyuan.server.gate import Gate
from suyuan.server.publishing import Publishing
from tests.publish.presses import Press, check_published


class Untimely(FolderTarget):
    """A folder whose first words are an error that no program expects."""

    _told: list[str] = []  # noqa: RUF012  # one test

    def read(self, path: str) -> bytes | None:
        """Fail once."""
        if not self._told:
            self._told.append(path)
            raise ValueError("".join(["some", "thing private"]))
        return FolderTarget.read(self, path)


@pytest.fixture
def press(tmp_path: Path) -> Press:
    """A log of five entries."""
    found = Press(f"sqlite:///{tmp_path / 'log.db'}").found()
    found.grow(5)
    return found


def test_an_error_that_nobody_foresaw_does_not_end_publishing(
    press: Press, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publisher = press.publisher(Untimely(tmp_path / "public"))
    publishing = Publishing(publisher, Gate(1), lambda _: None)

    async def run() -> None:
        await publishing.start()
        for _ in range(1000):
            await asyncio.sleep(0.01)
            if publisher.size:
                break
        await publishing.stop()

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    assert check_published(publisher.target, press.entries()) == 5
    assert "ValueError while publishing" in caplog.text
    assert "something private" not in caplog.text
    press.engine.dispose()


def test_an_error_that_goes_on_is_shown_as_not_publishing(press: Press, tmp_path: Path) -> None:
    def fail(_: Publisher) -> None:
        raise ValueError

    publishing = Publishing(press.publisher(FolderTarget(tmp_path / "public")), Gate(1), fail)

    async def run() -> None:
        await publishing.start()
        await publishing.stop()

    asyncio.run(run())
    assert (publishing.look().ok, publishing.look().detail) == (False, "publish.unforeseen")
    press.engine.dispose()
