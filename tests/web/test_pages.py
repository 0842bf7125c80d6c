"""The pages: verdict first, each state on a page of its own, light, plain, and open about what they cannot see."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from suyuan.publish.lookup import HEADINGS
from suyuan.web.pages import _check
from suyuan.web.scripts import SCRIPTS
from suyuan.web.verdicts import LOOKS
from suyuan.web.words import phrases
from tests.orchard import SUPERVISOR, Orchard, grow_season, name, new_orchard
from tests.served import Site, serve
from tests.web.documents import Document

MOST_BYTES = 30_000
MODULE = {"type": "module", "src": SCRIPTS.addresses("zh")[0]}


def spoil(orchard: Orchard) -> None:
    """Bring packages into every state that there is."""
    run = name("R1", 5)
    order = {"order": name("O1"), "batch": name("精")}
    orchard.tell("order.sold", "供销直播间", **order, count=2, packages=[{"run": run, "first": 0, "end": 2}])
    orchard.tell(
        "order.returned", "供销直播间", **order, count=1, packages=[{"run": run, "first": 1, "end": 2}]
    )
    orchard.tell("labels.voided", "红星合作社", run=run, first=7, end=8, reason="spoilt")
    for word, label_run in (("召", "R2"), ("封", "R3"), ("败", "R4")):
        orchard.harvest(word, "一号地", 20_000, ref=f"CS-{label_run}")
        orchard.issue(label_run, word, 3)
        orchard.activate(label_run, 0, 3)
    orchard.recall("召")
    orchard.tell("batch.held", SUPERVISOR, batches=[name("封")], reason="complaint")
    finding = {"item": "毒死蜱", "result": "0.08", "limit": "0.02", "unit": "mg/kg", "passed": False}
    report = {"report": "JC-9", "passed": False, "findings": [finding]}
    orchard.tell("test.reported", "市检测站", batch=name("败"), **report)
    orchard.house.checkpoint()


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("spoilt")
    orchard = grow_season(new_orchard(folder))
    spoil(orchard)
    with serve(orchard) as site:
        yield site
    orchard.house.close()


STATES = {
    "intact": ("R1", 3, 200),
    "inactive": ("R1", 9, 200),
    "returned": ("R1", 1, 200),
    "voided": ("R1", 7, 410),
    "recalled": ("R2", 0, 200),
    "held": ("R3", 0, 200),
    "failed": ("R4", 0, 200),
    "unknown": ("R9", 0, 404),
    "mistyped": ("", 0, 400),
}


def path_of(site: Site, state: str) -> str:
    run, index, _ = STATES[state]
    return f"/p/{site.orchard.code(run, index)}" if run else "/p/7K3MX-00000"


def everything(site: Site) -> list[str]:
    paths = [path_of(site, state) for state in STATES]
    return [*paths, "/", "/p", "/nope", f"/b/{name('精')}", f"/b/{name('召')}", "/b/NONE"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_state_has_its_own_heading_icon_and_status(spoilt: Site, state: str, language: str) -> None:
    response = spoilt.get(path_of(spoilt, state), language)
    assert response.status_code == STATES[state][2]
    document = Document(response.text)
    headings = document.all("h1")
    assert [heading.text for heading in headings] == [HEADINGS[state].text(language)]  # type: ignore[index, arg-type]
    first = next(e for e in document.elements if "main" in e.inside and e.tag == "div")
    assert "verdict" in str(first.attributes["class"])  # nothing comes before the verdict
    assert [svg.attributes["aria-hidden"] for svg in document.all("svg")] == ["true"]


def test_states_differ_in_icon_as_well_as_in_words() -> None:
    icons = [look.icon for look in LOOKS.values()]
    assert len(set(icons)) == len(icons)


@pytest.mark.parametrize("state", [state for state in STATES if state not in ("intact", "mistyped")])
def test_a_page_with_a_problem_says_what_to_do(spoilt: Site, state: str) -> None:
    assert "现在怎么办" in spoilt.get(path_of(spoilt, state)).text


def test_the_page_tells_product_producer_place_dates_and_tests(spoilt: Site) -> None:
    text = Document(spoilt.get(path_of(spoilt, "intact")).text).text
    for wanted in (
        "精品梨",
        "5 公斤（10 斤）",
        "红星合作社",
        "桥头河镇华溪村",
        "2026-09-30 – 2026-10-08",
        "JC-2026-118",
    ):
        assert wanted in text
    for wanted in (
        "60.0%",
        "JC-2026-118",
        "吡虫啉",
        "补录",
        "迟记",
        "自述 2026-09-30 16:00",
        "入账 2026-10-08 09:00",
    ):
        assert wanted in text


def test_the_page_says_how_to_check_with_the_very_command(spoilt: Site) -> None:
    code = spoilt.orchard.code("R1", 3)
    document = Document(spoilt.get(f"/p/{code}").text)
    key = spoilt.orchard.house.keys.checkpoint.vkey
    assert f"suyuan verify suyuan-{code}.json --key {key}" in document.text.replace("'", "")
    link = next(a for a in document.all("a") if a.attributes.get("href") == f"/api/v1/codes/{code}/proof")
    assert "download" in link.attributes
    assert spoilt.get(str(link.attributes["href"])).status_code == 200
    assert "不能证明第 n 条就是最后一条" in document.text


def test_before_a_checkpoint_the_page_offers_no_proof(orchard: Orchard) -> None:
    orchard.issue("R2", "精", 2)
    verdict = orchard.window.look_up(orchard.code("R2", 0))
    assert verdict.package is not None
    place = orchard.window.place(verdict.package.entry)
    check = _check(orchard.window, verdict.code, place, phrases("zh"))
    assert check["ready"] is False


def test_the_page_says_openly_what_it_cannot_see(spoilt: Site) -> None:
    for path in (path_of(spoilt, "intact"), "/", f"/b/{name('精')}"):
        text = spoilt.get(path).text
        assert "记录看不到什么" in text
        assert "调换" in text
        assert "串通" in text


def test_no_page_ever_says_genuine(spoilt: Site) -> None:
    for path in everything(spoilt):
        for language in ("zh", "en"):
            text = spoilt.get(path, language).text
            assert "正品" not in text
            assert "genuine" not in text.lower()


def test_every_page_is_light_and_asks_no_other_host(spoilt: Site) -> None:
    for path in everything(spoilt):
        for language in ("zh", "en"):
            response = spoilt.get(path, language)
            assert len(response.content) < MOST_BYTES, path
            document = Document(response.text)
            for element in document.elements:
                for attribute in ("src", "href", "action", "srcset"):
                    target = element.attributes.get(attribute)
                    assert target is None or re.match(r"[/?#](?!/)", target), (path, target)
            assert [e.attributes for e in document.all("script")] in ([], [MODULE])  # a file, nothing inline
            assert "url(" not in response.text
            assert "http://" not in response.text.replace("http://www.w3.org", "")
            assert "https://" not in response.text


def test_every_page_is_well_formed_and_accessible(spoilt: Site) -> None:
    for path in everything(spoilt):
        for language, tag in (("zh", "zh-CN"), ("en", "en")):
            document = Document(spoilt.get(path, language).text)
            assert len(document.all("h1")) == 1, path
            assert document.all("html")[0].attributes["lang"] == tag
            assert len(document.all("main")) == 1
            assert document.all("title")[0].tag
            ids = [str(e.attributes["id"]) for e in document.elements if "id" in e.attributes]
            assert len(ids) == len(set(ids))
            labels = {label.attributes["for"] for label in document.all("label")}
            for field in document.all("input"):
                assert field.attributes.get("type") == "hidden" or field.attributes["id"] in labels
            for bar in document.all("progress"):
                assert bar.attributes["aria-label"]
            for link in [*document.all("a"), *document.all("button"), *document.all("summary")]:
                assert link.text.strip()
            assert all("style" not in element.attributes for element in document.elements)


def test_the_policy_allows_the_style_sheet_and_nothing_else(spoilt: Site) -> None:
    response = spoilt.get("/")
    style = re.search(r"<style>(.*?)</style>", response.text, re.S)
    assert style is not None
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = response.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def labelless(site: Site) -> set[str]:
    return {path_of(site, "unknown"), path_of(site, "mistyped")}


def test_only_the_page_of_a_package_may_load_our_modules(spoilt: Site) -> None:
    for path in everything(spoilt):
        policy = spoilt.get(path).headers["content-security-policy"]
        has_script = bool(Document(spoilt.get(path).text).all("script"))
        assert has_script == ("script-src 'self'" in policy) == ("connect-src 'self'" in policy)
        assert has_script == (path in {path_of(spoilt, state) for state in STATES} - labelless(spoilt))
        assert "unsafe" not in policy


def test_without_scripts_the_page_is_whole_and_says_what_is_left(spoilt: Site) -> None:
    document = Document(spoilt.get(path_of(spoilt, "intact")).text)
    local = next(e for e in document.elements if e.attributes.get("id") == "local")
    assert "hidden" in local.attributes
    assert "浏览器没有运行脚本" in document.all("noscript")[0].text
    link = next(e for e in document.all("a") if e.attributes.get("id") == "mine")
    assert (link.text, link.attributes["href"]) == ("如何自行核验", "#check")


def test_a_page_is_fresh_and_an_error_is_not_kept(spoilt: Site) -> None:
    assert "max-age=10" in spoilt.get(path_of(spoilt, "intact")).headers["cache-control"]
    for state in ("unknown", "mistyped", "voided"):
        assert spoilt.get(path_of(spoilt, state)).headers["cache-control"] == "no-store"
    assert spoilt.get("/").headers["vary"] == "Accept-Language"


@pytest.mark.parametrize(
    "path",
    [
        "/P/{CODE}",
        "/p/{code}",
        "/p?code={code}",
        "/01/06901234567892/10/X1/21/{CODE}",
        "/01/06901234567892/21/{code}",
    ],
)
def test_an_address_is_read_in_any_case_and_as_a_digital_link(spoilt: Site, path: str) -> None:
    code = spoilt.orchard.code("R1", 3)
    response = spoilt.get(path.format(CODE=code, code=code.lower()))
    assert response.status_code == 200
    assert "记录完整" in response.text


def test_a_code_typed_in_words_of_five_is_found(spoilt: Site) -> None:
    code = spoilt.orchard.code("R1", 3)
    typed = "-".join(code[at : at + 5] for at in range(0, 20, 5))
    assert spoilt.http.get("/p", params={"code": typed}).status_code == 200


def test_what_was_typed_comes_back_escaped(spoilt: Site) -> None:
    response = spoilt.http.get("/p", params={"code": '"><script>alert(1)</script>'})
    assert response.status_code == 400
    assert "<script" not in response.text
    assert "&lt;script&gt;" in response.text


def test_the_language_is_chosen_by_header_by_address_and_kept_in_links(spoilt: Site) -> None:
    path = path_of(spoilt, "intact")
    assert "Record intact" in spoilt.get(path, "en-GB,en;q=0.8").text
    assert "记录完整" in spoilt.get(path, "fr").text
    english = spoilt.get(path + "?lang=en", "zh")
    assert "Record intact" in english.text
    assert english.headers["content-language"] == "en"
    document = Document(english.text)
    links = [str(a.attributes["href"]) for a in document.all("a")]
    assert "/?lang=en" in links
    assert "?lang=zh" in links[1]


def test_no_chinese_phrase_stands_on_an_english_page_of_ours(spoilt: Site) -> None:
    for path in ("/", "/nope", path_of(spoilt, "unknown")):
        text = Document(spoilt.get(path, "en").text).text
        assert re.findall(r"[\u4e00-\u9fff]+", text) == ["溯源中文"]


def test_an_unknown_address_is_a_page_for_people(spoilt: Site) -> None:
    response = spoilt.get("/nope")
    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "没有这个页面" in response.text
    assert spoilt.http.post("/p").status_code == 405


def test_a_private_name_is_on_no_page(spoilt: Site) -> None:
    assert all("刘记果行" not in spoilt.get(path).text for path in everything(spoilt))


def test_a_batch_has_a_page_that_says_what_speaks_against_it(spoilt: Site) -> None:
    good = Document(spoilt.get(f"/b/{name('精').lower()}").text).text
    assert "批次 JX2610-01" in good
    assert "没有封存或召回" in good
    bad = Document(spoilt.get(f"/b/{name('召')}").text).text
    assert "已召回" in bad
    assert spoilt.get("/b/%00").status_code == 404


def test_the_heaviest_page_stays_light(orchard: Orchard) -> None:
    long = "长" * 40
    findings = [{"item": long, "result": "<0.001", "limit": "0.001", "unit": "mg/kg"} for _ in range(60)]
    for number in range(30):
        plot = f"地{number}"
        orchard.plot(plot, long + str(number))
        orchard.harvest(f"批{number}", plot, 1000, ref=f"CS2610-ABCDEFGH-{number:03}", backfilled=True)
        report = {"report": f"JC-2026-{number:032}", "passed": True, "findings": findings}
        orchard.tell("test.reported", "市检测站", batch=name(f"批{number}"), **report)
    inputs = [{"batch": name(f"批{number}"), "amount": 1000} for number in range(30)]
    output = {"batch": name("大"), "product": name("精品梨"), "amount": 30_000}
    orchard.tell("batch.transformed", "红星合作社", inputs=inputs, outputs=[output], loss_g=0)
    orchard.issue("R5", "大", 2)
    orchard.activate("R5", 0, 2)
    orchard.house.checkpoint()
    with serve(orchard) as site:
        for language in ("zh", "en"):
            response = site.get(f"/p/{orchard.code('R5', 0)}", language)
            assert response.status_code == 200
            assert len(response.content) < MOST_BYTES
        text = Document(site.get(f"/p/{orchard.code('R5', 0)}").text).text
    assert "其余产地" in text
    assert "条较早的记录未在此列出" in text
