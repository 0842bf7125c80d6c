"""Real processes: the whole way of a label, and what a kill leaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from pypdfium2 import PdfDocument

from suyuan.publish.window import Window
from suyuan.verify.bundle import format_bundle
from tests.cli.conftest import PEARS, SEASON, Shell
from tests.cli.test_verifying import OFFLINE

COMMAND = [sys.executable, "-m", "suyuan.cli"]
KEY = json.loads((SEASON / "answer-key.json").read_text("utf-8"))
PATIENCE_S = 60.0


def start(*words: str) -> subprocess.Popen[str]:
    """Start a command."""
    return subprocess.Popen(
        [*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def finish(*words: str) -> str:
    """Run a command that must succeed; return its standard output."""
    process = start(*words)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    return out


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until *ready* says so; the process must be running until then."""
    end = time.monotonic() + PATIENCE_S
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


def entries(data: Path) -> int:
    """Return the number of entries that other processes can see."""
    try:
        with sqlite3.connect(f"file:{data / 'suyuan.db'}?mode=ro", uri=True, timeout=1) as connection:
            found: int = connection.execute("SELECT count(*) FROM ledger_entry").fetchone()[0]
        connection.close()
    except sqlite3.OperationalError:
        return -1
    return found


@pytest.mark.slow
def test_a_label_goes_from_the_command_to_an_offline_verdict(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data")]
    vkey = json.loads(finish(*data, "init", "--address", "https://farm.example", "--json"))["key"]
    finish(*data, "import", str(SEASON))
    run = finish(*data, "labels", "issue", PEARS, "--count", "3", "--net", "5kg").strip()
    finish(*data, "labels", "sheet", run, "--out", str(tmp_path / "sheet.pdf"))
    with PdfDocument(tmp_path / "sheet.pdf") as pdf:
        image = pdf[0].render(scale=203 / 72).to_pil()
    code = zxingcpp.read_barcodes(image)[0].text.rsplit("/", 1)[1]
    house = Shell(tmp_path / "data").open()
    bundle = Window(house.engine, house.log_id, house.vault).package_bundle(code)
    house.close()
    (tmp_path / "proof.json").write_bytes(format_bundle(bundle))
    words = [sys.executable, "-c", OFFLINE, "verify", str(tmp_path / "proof.json"), "--key", vkey]
    checked = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    finish(*data, "backup", str(tmp_path / "backup"))
    key = ["--master-key-file", str(tmp_path / "data" / "master.key")]
    other = ["--data", str(tmp_path / "other")]
    finish(*other, "restore", str(tmp_path / "backup"), *key)
    assert finish(*other, "audit", "--json") == finish(*data, "audit", "--json")


@pytest.mark.slow
@pytest.mark.parametrize("seen", [-1, 1, 60])
def test_a_demo_that_was_killed_is_continued(tmp_path: Path, seen: int) -> None:
    data = tmp_path / "demo"
    words = ("--data", str(data), "demo", "--once", "--season", str(SEASON))
    process = start(*words)
    wait_until(lambda: data.exists() and entries(data) >= seen, process)
    process.kill()
    process.communicate()
    summary = json.loads(finish(*words))
    assert summary["differences"] == 0
    assert summary["totals"] == KEY["totals"]
    assert summary["refused"] == len(KEY["refuse"])


@pytest.mark.slow
def test_ctrl_c_leaves_an_import_that_is_continued(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data")]
    finish(*data, "init")
    process = start(*data, "import", str(SEASON), "--json")
    wait_until(lambda: entries(tmp_path / "data") > 10, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (130, 0)
    assert "Traceback" not in err
    assert out == "" or process.returncode == 0
    assert json.loads(finish(*data, "import", str(SEASON), "--json"))["totals"] == KEY["totals"]
    finish(*data, "audit")


@pytest.mark.slow
def test_the_demo_serves_the_page_of_a_package_until_ctrl_c(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ("--data", str(tmp_path / "demo"), "demo", "--season", str(SEASON), "--port", str(port))
    process = start(*words)
    assert process.stdout is not None
    url = next(line for line in process.stdout if line.startswith("一件的网址")).split("：", 1)[1].strip()
    wait_until(lambda: is_listening(port), process)
    url = url.replace("localhost", "127.0.0.1")
    assert "记录完整" in fetch(url).decode()
    proof = tmp_path / "proof.json"
    proof.write_bytes(fetch(url.replace("/p/", "/api/v1/codes/") + "/proof"))
    house = Shell(tmp_path / "demo").open()
    key = house.keys.checkpoint.vkey
    house.close()
    assert "证明成立" in finish("verify", str(proof), "--key", key)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert err.splitlines()[-1] == "服务已停止"
    finish("--data", str(tmp_path / "demo"), "audit")


def fetch(url: str) -> bytes:
    """Return what *url* answers."""
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        found: bytes = answer.read()
    return found


def is_listening(port: int) -> bool:
    """Tell whether something answers on *port*."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
def test_a_port_in_use_is_one_line(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("--data", str(shell.data), "serve", "--port", str(taken.getsockname()[1]))
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("错误 serve.port")


@pytest.mark.slow
def test_a_narrow_encoding_gets_question_marks_and_no_traceback(shell: Shell) -> None:
    narrow = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    words = [*COMMAND, "--data", str(shell.data), "trace", PEARS]
    done = subprocess.run(words, capture_output=True, encoding="cp1252", env=narrow, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{PEARS}  ?")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX only")
def test_output_into_a_closed_pipe_is_no_traceback(shell: Shell) -> None:
    process = start("--data", str(shell.data), "key", "list")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.wait(PATIENCE_S)
    process.stderr.close()
