"""Between visits the browser remembers the log: a log that shrinks, forks or is rewritten raises an alarm."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from suyuan.capture.office import Office
from suyuan.capture.rekeying import retire_key, rotate_key
from suyuan.server.app import create_app
from suyuan.server.house import open_house
from tests.orchard import grow_season, new_orchard
from tests.served import Site, serve
from tests.web.browser import Tab
from tests.web.forging import Change, Forger, edit, forging
from tests.web.test_local import PROOF, shown, visit


class Two:
    """Two logs of one name under the same key, unlike from entry 17 on, behind one address that shows either."""

    def __init__(self, forger: Forger, one: Site, other: Site) -> None:
        self.forger, self.one, self.other = forger, one, other
        self.path = f"/p/{one.orchard.code('R1', 3)}"
        self._words = iter(range(1_000_000))

    @property
    def url(self) -> str:
        """The address of one package's page."""
        return self.forger.url + self.path

    def show(self, site: Site) -> None:
        """Answer with *site* from now on, and honestly."""
        self.forger.be_honest()
        self.forger.app = site.app

    def grow(self, site: Site) -> int:
        """Let the log of *site* grow by one entry under a new checkpoint; return its size."""
        site.orchard.harvest(f"{site.url} {next(self._words)}", "一号地", 1000)
        site.orchard.house.checkpoint()
        return self.size(site)

    def size(self, site: Site) -> int:
        """Return the size of the latest checkpoint of *site*."""
        return int(site.json("/api/v1/checkpoints/latest")["size"])

    def proof(self) -> bytes:
        """Return the proof of the package as the first log gives it now."""
        return self.one.get(f"/api/v1/codes/{self.path[3:]}/proof").content


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    one, other = (grow_season(new_orchard(tmp_path_factory.mktemp("log"))) for _ in range(2))
    with serve(one) as first, serve(other) as second, forging(first.app) as forger:
        two = Two(forger, first, second)
        two.grow(first)
        two.grow(second)
        yield two
    one.house.close()
    other.house.close()


@pytest.fixture
def two(both: Two) -> Two:
    """Two logs of the same size, the first of them shown."""
    both.show(both.one)
    while both.size(both.one) > both.size(both.other):
        both.grow(both.other)
    while both.size(both.one) < both.size(both.other):
        both.grow(both.one)
    return both


def test_growth_is_proved_on_the_next_visit(tab: Tab, two: Two) -> None:
    size = two.size(two.one)
    assert f"已记住这个检查点（{size} 条）" in visit(tab, two.url).steps[8]
    assert f"与上次看到的检查点相同（{size} 条）" in visit(tab, two.url).steps[8]
    for _ in range(3):
        old, size = size, two.grow(two.one)
        found = visit(tab, two.url)
        assert found.state == "sound"
        assert f"从上次看到的 {old} 条增长到 {size} 条" in found.steps[8]


def test_an_earlier_checkpoint_of_the_same_log_is_said_and_does_not_shorten_the_memory(
    tab: Tab, two: Two
) -> None:
    old = two.proof()
    size = two.grow(two.one)
    assert visit(tab, two.url).state == "sound"
    two.forger.changes[PROOF] = lambda body: old
    for _ in range(2):
        found = visit(tab, two.url)
        assert found.state == "sound"
        assert f"这次的检查点较早（{size - 1} 条，上次 {size} 条）" in found.steps[8]


def test_a_log_that_became_shorter_raises_an_alarm_that_names_both(
    tab: Tab, two: Two, tmp_path: Path
) -> None:
    settings = two.one.orchard.house.settings
    shutil.copytree(settings.data, tmp_path / "backup")
    backup = f"sqlite:///{tmp_path / 'backup' / 'suyuan.db'}"
    old = replace(settings, data=tmp_path / "backup", database_url=backup)
    size = two.grow(two.one)
    assert visit(tab, two.url).state == "sound"
    restored = open_house(old)
    two.forger.app = create_app(restored)
    for _ in range(2):  # it stays so: the larger one is not forgotten
        tab.open(two.url)
        found = shown(tab)
        assert (found.state, found.step, found.reason, found.tone) == (
            "alarm",
            "growth",
            "rollback",
            "good doubted",
        )
        assert f"上次看到 {size} 条，这次只有 {size - 1} 条" in found.raised[0]
        assert f"demo.invalid/log\n{size}\n" in found.raised[0]
        assert f"demo.invalid/log\n{size - 1}\n" in found.raised[0]
    restored.close()


def test_a_fork_at_equal_size_raises_an_alarm_with_both_signed_checkpoints(tab: Tab, two: Two) -> None:
    assert visit(tab, two.url).state == "sound"
    two.show(two.other)
    found = visit(tab, two.url)
    assert (found.state, found.reason) == ("alarm", "fork")
    for site in (two.one, two.other):
        assert site.json("/api/v1/checkpoints/latest")["note"] in found.raised[0]
    two.show(two.one)
    assert visit(tab, two.url).state == "sound"


def test_a_history_that_was_rewritten_raises_an_alarm(tab: Tab, two: Two) -> None:
    assert visit(tab, two.url).state == "sound"
    size = two.grow(two.other)
    two.show(two.other)
    found = visit(tab, two.url)
    assert (found.state, found.reason) == ("alarm", "inconsistent")
    assert f"从 {size - 1} 条到 {size} 条" in found.raised[0]


LIES: dict[str, Change] = {
    "another hash": edit(lambda d: d["hashes"].__setitem__(0, d["old_root"])),
    "a hash less": edit(lambda d: d["hashes"].pop()),
    "no proof": lambda body: b"nonsense",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_proof_of_growth_that_does_not_hold_raises_an_alarm(tab: Tab, two: Two, lie: str) -> None:
    assert visit(tab, two.url).state == "sound"
    two.grow(two.one)
    two.forger.changes["/consistency"] = LIES[lie]
    assert visit(tab, two.url).reason == "inconsistent"


def test_without_a_proof_of_growth_nothing_is_concluded(tab: Tab, two: Two) -> None:
    assert visit(tab, two.url).state == "sound"
    size = two.grow(two.one)
    two.forger.refuses["/consistency"] = 503
    tab.open(two.url)
    found = shown(tab)
    assert (found.state, found.line) == ("unable", "本机没有完成核验")
    two.forger.be_honest()
    assert f"从上次看到的 {size - 1} 条增长到 {size} 条" in visit(tab, two.url).steps[8]


@pytest.mark.parametrize("spoilt", ["nonsense", "{}", '{"note":"x","root":"AAAA","size":"18"}'])
def test_a_memory_that_was_spoilt_begins_anew(tab: Tab, two: Two, spoilt: str) -> None:
    assert visit(tab, two.url).state == "sound"
    tab.run(f"localStorage.setItem('suyuan.checkpoint demo.invalid/log', {spoilt!r})")
    assert "已记住" in visit(tab, two.url).steps[8]


def test_while_the_log_changes_keys_the_old_one_vouches_and_the_reader_is_told(
    tab: Tab, tmp_path: Path
) -> None:
    orchard = grow_season(new_orchard(tmp_path))
    house, path = orchard.house, f"/p/{orchard.code('R1', 3)}"
    office = Office(house.engine, house.vault, house.capture, house.pen)
    with serve(orchard) as site:
        assert visit(tab, site.url + path).raised == []
        new, _ = rotate_key(office)
        house.checkpoint()
        found = visit(tab, site.url + path)
        assert found.state == "sound"
        assert new.vkey in found.raised[0]
        tab.run("document.querySelector('.raised button').click()")
        tab.wait_until("!document.querySelector('.raised')")
        assert shown(tab).state == "sound"
        retire_key(office, house.keys.checkpoint.vkey, house.signers())
        house.checkpoint()
        found = visit(tab, site.url + path)
        assert (found.state, found.raised) == ("sound", [])
    house.close()
