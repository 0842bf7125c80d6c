"""The modules of the check in the browser: small, our own, kept for good, in both languages."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

import suyuan.web.scripts as scripts
from suyuan.web.scripts import SCRIPTS
from tests.served import Site

SOURCES = sorted((Path(scripts.__file__).parent / "static").glob("*.js"))
MOST_BYTES_SENT = 14_500
"""Once for each version: 12 kB of code, 2 of sentences."""
TOO_NEW = re.compile(
    r"\?\?=|\|\|=|&&=|\.at\(|\.replaceAll\(|Object\.hasOwn|structuredClone|\.findLast|^await |^\s+#\w+|static \{",
    re.M,
)
"""What came after ES2020."""


def sentences(language: str) -> dict[str, str]:
    source = (Path(scripts.__file__).parent / "static" / f"words.{language}.js").read_text("utf-8")
    return dict(re.findall(r'^  (\w+):\s+"(.*)",$', source, re.M))


def test_what_a_visitor_loads_is_small() -> None:
    for language in ("zh", "en"):
        sent = [SCRIPTS.packed[address.rsplit("/", 1)[1]] for address in SCRIPTS.addresses(language)]
        assert sum(map(len, sent)) < MOST_BYTES_SENT


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_module_is_of_es2020_and_asks_nobody_else(source: Path) -> None:
    text = source.read_text("utf-8")
    assert TOO_NEW.findall(text) == []
    assert "://" not in text
    assert "innerHTML" not in text
    assert all(re.fullmatch(r"\./[\w.]+\.js", name) for name in re.findall(r'from "(.*?)"', text))


def test_both_languages_have_the_same_sentences_with_the_same_figures() -> None:
    chinese, english = sentences("zh"), sentences("en")
    assert list(chinese) == list(english)
    assert len(chinese) > 60
    for name, text in chinese.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[name])), name


def test_no_sentence_says_genuine() -> None:
    for language in ("zh", "en"):
        text = " ".join(sentences(language).values())
        assert "正品" not in text
        assert "genuine" not in text.lower()


def test_every_reason_and_step_has_its_sentence() -> None:
    texts = "\n".join(source.read_text("utf-8") for source in SOURCES)
    used = set(re.findall(r'(?:must\([^;]*?, |new Wrong\()"(\w+)"', texts)) | set(
        re.findall(r'\bsay\("(\w+)"', texts)
    )
    steps = set(re.findall(r'\bstep\("(\w+)"', texts))
    assert len(steps) == 8
    assert used | steps | {f"at_{step}" for step in steps} <= set(sentences("zh"))


@pytest.mark.parametrize("address", [*SCRIPTS.addresses("zh"), SCRIPTS.addresses("en")[-1]])
def test_a_module_is_served_for_good_under_its_hash(reading_site: Site, address: str) -> None:
    response = reading_site.get(address)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["content-encoding"] == "gzip"
    plain = reading_site.get(address, **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == response.content == gzip.decompress(SCRIPTS.packed[address.rsplit("/", 1)[1]])


def test_a_module_of_another_version_is_not_there(reading_site: Site) -> None:
    folder, name = SCRIPTS.addresses("zh")[0].rsplit("/", 1)
    for path in (f"/s/0123456789abcdef/{name}", f"{folder}/other.js", f"{folder}/..%2fpages.py"):
        assert reading_site.get(path).status_code == 404


def test_the_hash_changes_with_any_module(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("export const a = 1;\n")
    first = scripts.read_scripts(tmp_path).folder
    (tmp_path / "a.js").write_text("export const a = 2;\n")
    assert scripts.read_scripts(tmp_path).folder != first


def test_comments_stay_behind(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(
        "// one\n/**\n * two\n */\nexport function a() {\n  return 1; // three\n}\n"
    )
    assert scripts.read_scripts(tmp_path).files["a.js"] == b"export function a() {\nreturn 1; // three\n}\n"
