"""The check in the visitor's own browser: what it shows, what it refuses, and what it remembers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from suyuan.ledger.cosignature import COSIGNATURE, MLDSA, Cosigner
from suyuan.ledger.note import Signer, add_signatures, sign_note, split_note
from suyuan.ledger.trust import Policy, PolicyWitness
from suyuan.server.app import create_app
from suyuan.vault.cosignatures import Cosignature, put_cosignatures
from tests.keys import seed
from tests.orchard import LOG, SUPERVISOR, Orchard
from tests.served import Site
from tests.web.browser import Browser, Tab
from tests.web.conftest import PLAIN_HTTP
from tests.web.forging import Forger, edit, forging

PROOF = "/proof"
ENDED = "['sound','unable','failed','alarm'].includes(document.getElementById('local').dataset.state)"
STEPS = [
    "read",
    "checkpoint",
    "witnesses",
    "inclusion",
    "entry",
    "statement",
    "signer",
    "package",
    "growth",
    "later",
]


@dataclass(frozen=True)
class Shown:
    """What the page says after the check."""

    state: str
    step: str
    reason: str
    line: str
    steps: list[str]
    raised: list[str]
    tone: str


@pytest.fixture(scope="module")
def lying_site(reading_site: Site) -> Iterator[Forger]:
    with forging(reading_site.app) as running:
        yield running


@pytest.fixture
def forger(lying_site: Forger) -> Forger:
    """A site that lies as the test tells it to, and is honest again for the next test."""
    lying_site.be_honest()
    return lying_site


@pytest.fixture
def path(grown: Orchard) -> str:
    return f"/p/{grown.code('R1', 3)}"


def visit(tab: Tab, url: str) -> Shown:
    tab.open(url)
    found = shown(tab)
    assert tab.console == []  # a policy that blocks what is ours would say so here
    return found


def shown(tab: Tab) -> Shown:
    tab.wait_until(ENDED)
    found = tab.run(
        """(() => {
            const texts = (query) => Array.from(document.querySelectorAll(query), (e) => e.textContent);
            const {state, step, reason} = document.getElementById("local").dataset;
            const line = document.getElementById("mine").textContent;
            const tone = document.querySelector(".verdict:not(.raised)").className.replace("card verdict ", "");
            return {state, step: step || "", reason: reason || "", line, tone,
                    steps: texts("#local-steps li"), raised: texts(".raised")};
        })()"""
    )
    return Shown(**found)


def flip(document: dict[str, Any], *way: str | int) -> None:
    """Flip one bit of the bytes that stand in base64 at the end of *way*."""
    for name in way[:-1]:
        document = document[name]  # type: ignore[index]  # lists and objects alike
    data = bytearray(base64.b64decode(document[way[-1]]))  # type: ignore[index]
    data[len(data) // 2] ^= 1
    document[way[-1]] = base64.b64encode(data).decode()  # type: ignore[index]


def test_a_sound_proof_passes_step_by_step(tab: Tab, reading_site: Site, path: str) -> None:
    found = visit(tab, reading_site.url + path)
    assert (found.state, found.raised, found.tone) == ("sound", [], "good")
    assert found.line == "✓ 记录完整（由你的浏览器核验）"
    assert len(found.steps) == len(STEPS)
    assert [step[0] for step in found.steps] == ["✓", "✓", "–", "✓", "✓", "✓", "✓", "✓", "–", "–"]
    for number, words in {
        1: "demo.invalid/log，共 17 条",
        3: "第 15 条",
        6: "红星合作社",
        7: "第 3 号（共 10 个）",
    }.items():
        assert words in found.steps[number]
    assert "正品" not in tab.run("document.body.textContent")


def test_an_english_reader_is_told_in_english(tab: Tab, reading_site: Site, path: str) -> None:
    found = visit(tab, f"{reading_site.url}{path}?lang=en")
    assert found.line == "✓ Record intact (checked by your browser)"
    assert "committed before printing" in found.steps[7]
    assert "genuine" not in tab.run("document.body.textContent").lower()


def test_a_label_that_is_not_active_is_not_called_intact(
    tab: Tab, reading_site: Site, grown: Orchard
) -> None:
    found = visit(tab, f"{reading_site.url}/p/{grown.code('R1', 9)}")
    assert (found.state, found.tone) == ("sound", "wait")
    assert "记录完整" not in found.line
    assert "上面的提示仍然有效" in found.line


def test_a_warning_of_the_server_stays_one_where_the_check_fails(
    tab: Tab, forger: Forger, grown: Orchard
) -> None:
    forger.changes[PROOF] = edit(lambda d: flip(d, "entry"))
    found = visit(tab, f"{forger.url}/p/{grown.code('R1', 9)}")
    assert (found.state, found.tone) == ("failed", "wait")


def change_note(document: dict[str, Any]) -> None:
    document["checkpoint"] = document["checkpoint"].replace("\n17\n", "\n19\n")


def change_signature(document: dict[str, Any]) -> None:
    head, spelled = document["checkpoint"].rstrip("\n").rsplit(" ", 1)
    part = {"signature": spelled}
    flip(part, "signature")
    document["checkpoint"] = f"{head} {part['signature']}\n"


def change_code(document: dict[str, Any]) -> None:
    document["code"] = (
        document["code"][:-2] + ("0" if document["code"][-2] != "0" else "1") + document["code"][-1]
    )


DAMAGES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "entry": (lambda d: flip(d, "entry"), "inclusion"),
    "inclusion hash": (lambda d: flip(d, "inclusion", 1), "inclusion"),
    "a hash too many": (lambda d: d["inclusion"].append(d["inclusion"][0]), "inclusion"),
    "index": (lambda d: d.update(index=d["index"] - 1), "inclusion"),
    "checkpoint signature": (change_signature, "checkpoint"),
    "checkpoint size": (change_note, "checkpoint"),
    "blinding": (lambda d: flip(d, "package", "blinding"), "package"),
    "package hash": (lambda d: flip(d, "package", "hashes", 0), "package"),
    "package index": (lambda d: d["package"].update(index=4), "package"),
    "package count": (lambda d: d["package"].update(count=11), "package"),
    "code": (change_code, "read"),
    "log": (lambda d: d.update(log="other.invalid/log"), "read"),
    "format": (lambda d: d.update(format="suyuan.package-proof/2"), "read"),
    "a field more": (lambda d: d.update(more=1), "read"),
    "a field less": (lambda d: d.pop("package"), "read"),
    "first entry of keys": (lambda d: flip(d, "keys", 0, "entry"), "signer"),
    "last entry of keys": (lambda d: flip(d, "keys", -1, "entry"), "signer"),
    "hash of a key's entry": (lambda d: flip(d, "keys", -1, "inclusion", 0), "signer"),
    "no first entry of keys": (lambda d: d["keys"].pop(0), "signer"),
    "no last entry of keys": (lambda d: d["keys"].pop(), "signer"),
    "the entry among its keys": (
        lambda d: d["keys"].append({name: d[name] for name in ("entry", "inclusion", "index")}),
        "signer",
    ),
    "keys in another order": (lambda d: d["keys"].reverse(), "signer"),
}


@pytest.fixture(scope="module")
def open_page(browser: Browser, lying_site: Forger, grown: Orchard) -> Iterator[Tab]:
    """The page of a package, open after a sound check, for tests that check again."""
    tab = browser.tab()
    lying_site.be_honest()
    assert visit(tab, f"{lying_site.url}/p/{grown.code('R1', 3)}").state == "sound"
    yield tab
    tab.close()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_flipped_bit_fails_the_step_that_it_breaks(open_page: Tab, forger: Forger, damage: str) -> None:
    change, step = DAMAGES[damage]
    forger.changes[PROOF] = edit(change)
    open_page.run("document.getElementById('local-run').click()")
    found = shown(open_page)
    assert (found.state, found.step) == ("failed", step)
    assert found.line == "本机核验不通过"
    assert found.tone == "good doubted"  # the server's green verdict does not stand beside it
    assert len(found.raised) == 1
    assert "核验不通过" in found.raised[0]
    assert found.steps[-1].startswith("✗")
    assert STEPS.index(step) == len(found.steps) - 1  # those before it are shown as done


def test_another_spelling_of_the_same_proof_is_refused(tab: Tab, forger: Forger, path: str) -> None:
    forger.changes[PROOF] = lambda body: json.dumps(json.loads(body), sort_keys=True).encode()
    assert visit(tab, forger.url + path).step == "read"


def cosign(orchard: Orchard, *cosigners: Cosigner, wrong: bool = False) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        text, _ = split_note(document["checkpoint"])
        if wrong:
            text = text.replace("17", "18")
        lines = [one.cosign(text, 1_791_423_000) for one in cosigners]
        document["checkpoint"] = add_signatures(document["checkpoint"], lines)

    return change


def name_witnesses(*vkeys: str) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(b'data-witnesses=""', f'data-witnesses="{chr(10).join(vkeys)}"'.encode())


def test_a_key_that_was_revoked_since_is_said(tab: Tab, site: Site) -> None:
    orchard = site.orchard
    kid = orchard.keys["红星合作社"].kid
    fields = {"party": orchard.id("红星合作社"), "kid": kid, "reason": "retired"}
    index = orchard.tell("key.revoked", SUPERVISOR, **fields).index
    orchard.house.checkpoint()
    found = visit(tab, f"{site.url}/p/{orchard.code('R1', 3)}")
    assert found.state == "sound"
    assert f"✓ 该密钥自第 {index} 条起吊销；这条声明在此之前，仍然有效" in found.steps


WITNESSES = [Cosigner(f"w{number}.invalid", seed(f"w{number}"), COSIGNATURE) for number in range(3)]


def test_cosignatures_of_known_witnesses_are_counted(
    tab: Tab, forger: Forger, grown: Orchard, path: str
) -> None:
    quantum = Cosigner("q.invalid", seed("q"), MLDSA)
    known = [WITNESSES[0], WITNESSES[1], quantum]
    forger.changes[path] = name_witnesses(*(one.key.vkey for one in known))
    stranger = WITNESSES[2]
    forger.changes[PROOF] = edit(cosign(grown, WITNESSES[0], WITNESSES[1], stranger, quantum))
    found = visit(tab, forger.url + path)
    assert found.state == "sound"
    assert found.steps[2] == "✓ 2 个见证方会签了这个检查点（已知 3 个），最近一次 2026-10-08 09:30"
    assert "1 个 ML-DSA 会签，浏览器不能核验" in found.steps[3]


def test_the_witnesses_that_the_operator_chose_are_known_to_the_page(tab: Tab, orchard: Orchard) -> None:
    house, (first, second, _) = orchard.house, WITNESSES
    policy = Policy(
        witnesses=tuple(PolicyWitness(one.name, one.key, f"https://{one.name}/") for one in (first, second))
    )
    last = house.checkpoint()
    assert last is not None
    line = first.cosign(split_note(last.note)[0], 1_791_423_000)
    with house.vault.begin() as connection:
        put_cosignatures(connection, LOG, [Cosignature(last.size, line)])
    with forging(create_app(replace(house, policy=policy))) as served:
        found = visit(tab, f"{served.url}/p/{orchard.code('R1', 3)}")
    assert found.steps[2].startswith("✓ 1 个见证方会签了这个检查点（已知 2 个）")


def test_a_wrong_cosignature_of_a_known_witness_is_refused(
    tab: Tab, forger: Forger, grown: Orchard, path: str
) -> None:
    forger.changes[path] = name_witnesses(WITNESSES[0].key.vkey)
    forger.changes[PROOF] = edit(cosign(grown, WITNESSES[0], wrong=True))
    assert visit(tab, forger.url + path).step == "witnesses"


OTHER = Signer(LOG, seed("another log key"))


def swap_key(orchard: Orchard) -> Callable[[bytes], bytes]:
    own = orchard.house.keys.checkpoint.vkey

    def escaped(vkey: str) -> bytes:
        return vkey.encode().replace(b"+", b"&#43;")

    return lambda body: body.replace(own.encode(), OTHER.vkey.encode()).replace(
        escaped(own), escaped(OTHER.vkey)
    )


def test_a_page_with_another_log_key_fails(tab: Tab, forger: Forger, grown: Orchard, path: str) -> None:
    forger.changes[path] = swap_key(grown)
    found = visit(tab, forger.url + path)
    assert (found.state, found.step, found.reason) == ("failed", "checkpoint", "untrusted")


def test_a_key_that_changes_is_warned_of_and_the_old_one_used(
    tab: Tab, forger: Forger, grown: Orchard, path: str
) -> None:
    assert visit(tab, forger.url + path).state == "sound"
    forger.changes[path] = swap_key(grown)
    found = visit(tab, forger.url + path)
    assert found.state == "sound"
    assert "公钥变了" in found.raised[0]
    assert OTHER.vkey in found.raised[0]
    assert grown.house.keys.checkpoint.vkey in found.raised[0]
    tab.run("document.querySelector('.raised button').click()")
    assert shown(tab).reason == "untrusted"  # as the reader wished: only the other key counts now
    assert visit(tab, forger.url + path).reason == "untrusted"


def test_a_log_under_another_key_is_left_to_the_reader(
    tab: Tab, forger: Forger, grown: Orchard, path: str
) -> None:
    assert visit(tab, forger.url + path).state == "sound"

    def sign_anew(document: dict[str, Any]) -> None:
        document["checkpoint"] = sign_note(split_note(document["checkpoint"])[0], [OTHER])

    forger.changes = {path: swap_key(grown), PROOF: edit(sign_anew)}
    found = visit(tab, forger.url + path)
    assert (found.state, len(found.raised)) == ("unable", 1)
    assert "公钥变了" in found.line
    tab.run("document.querySelector('.raised button').click()")
    assert shown(tab).state == "sound"
    forger.be_honest()
    assert "公钥变了" in visit(tab, forger.url + path).line


def give_key(tab: Tab, text: str) -> None:
    tab.run(
        f"""(() => {{
            document.getElementById("local-key").value = {json.dumps(text)};
            document.getElementById("local-key-form").requestSubmit();
        }})()"""
    )


def test_a_key_from_elsewhere_can_be_kept(tab: Tab, reading_site: Site, grown: Orchard, path: str) -> None:
    assert visit(tab, reading_site.url + path).state == "sound"
    give_key(tab, OTHER.vkey)
    tab.wait_until("document.getElementById('local').dataset.reason === 'untrusted'")
    give_key(tab, grown.house.keys.checkpoint.vkey)
    tab.wait_until("document.getElementById('local').dataset.state === 'sound'")
    assert visit(tab, reading_site.url + path).raised == []


@pytest.mark.parametrize(
    "text", ["", "nonsense", Signer("other.invalid", seed("x")).vkey, WITNESSES[0].key.vkey]
)
def test_what_is_no_key_of_this_log_is_not_taken(tab: Tab, reading_site: Site, path: str, text: str) -> None:
    visit(tab, reading_site.url + path)
    give_key(tab, text or " ")
    tab.wait_until("document.getElementById('local-key-said').textContent === '这不是本账本的公钥'")


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "此浏览器不能核验"), ("en", "This browser cannot check")]
)
def test_a_browser_without_ed25519_says_so(
    tab: Tab, reading_site: Site, path: str, language: str, words: str
) -> None:
    tab.before_each_page(
        """SubtleCrypto.prototype.importKey = async () => {
            throw new DOMException("Unrecognized name", "NotSupportedError");
        }"""
    )
    found = visit(tab, f"{reading_site.url}{path}?lang={language}")
    assert (found.state, found.raised, found.tone) == ("unable", [], "good")
    assert words == found.line
    assert words in found.steps[0]
    assert "Ed25519" in found.steps[0]
    assert "suyuan verify" in tab.run("document.body.innerText")


def test_a_page_without_tls_says_so(tab: Tab, reading_site: Site, path: str) -> None:
    tab.open(reading_site.url.replace("127.0.0.1", PLAIN_HTTP) + path)
    found = shown(tab)
    assert (found.state, len(found.steps)) == ("unable", 1)
    assert "https" in found.steps[0]


def test_a_browser_that_keeps_nothing_says_so(tab: Tab, reading_site: Site, path: str) -> None:
    tab.before_each_page(
        """Object.defineProperty(window, "localStorage", {
            get() { throw new DOMException("denied", "SecurityError"); },
        })"""
    )
    found = visit(tab, reading_site.url + path)
    assert found.state == "sound"
    assert "不保存数据" in found.steps[8]


def test_a_proof_that_does_not_come_leaves_it_open(tab: Tab, forger: Forger, path: str) -> None:
    forger.refuses[PROOF] = 503
    tab.open(forger.url + path)
    found = shown(tab)
    assert found.state == "unable"
    assert "503" in found.steps[0]


def test_where_data_is_dear_the_reader_asks_first(tab: Tab, reading_site: Site, path: str) -> None:
    tab.before_each_page("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    tab.open(reading_site.url + path)
    tab.wait_until("document.getElementById('local').dataset.state === 'waiting'")
    tab.run("document.getElementById('local-run').click()")
    assert shown(tab).state == "sound"
