"""Nothing secret is shown: not in output, errors, tracebacks, logs or the list of processes, nor in clear in a file."""

from __future__ import annotations

import base64
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import termios
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from suyuan.cli.files import read_key_file
from suyuan.ledger.radix64 import format_base64url
from suyuan.server.house import open_house
from suyuan.server.locks import handed_keys
from suyuan.settings import load_settings
from tests.cli.conftest import Shell
from tests.cli.test_processes import COMMAND, PATIENCE_S
from tests.keys import master

WORD, NEW_WORD = "marker-passphrase-one", "marker-passphrase-two"
MASTER = base64.b64encode(master()).decode()


def spellings(secret: bytes) -> list[str]:
    """Return how bytes may show up in a text."""
    plain = base64.b64encode(secret).decode()
    return [plain.rstrip("="), format_base64url(secret), secret.hex(), repr(secret)[2:-1]]


class Scan:
    """All that was shown, and what may not be in it."""

    def __init__(self) -> None:
        self.shown = ""
        self.secrets = [WORD, NEW_WORD, *spellings(master())]

    def hide(self, path: Path) -> None:
        """Count the private key in the key file at *path* among the secrets."""
        self.secrets += spellings(read_key_file(path).seed)

    def check(self) -> None:
        assert self.shown
        assert [secret for secret in self.secrets if secret in self.shown] == []


@pytest.fixture
def scan(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scan]:
    """What is collected in it must hold no secret at the end."""
    monkeypatch.setenv("SUYUAN_MASTER_KEY", MASTER)
    monkeypatch.setenv("SUYUAN_PASSPHRASE", WORD)
    found = Scan()
    yield found
    found.check()


def run(scan: Scan, *words: str, code: int = 0) -> str:
    """Run a command as a process; all that it says, and how it is listed, goes to *scan*."""
    process = subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    scan.shown += Path(f"/proc/{process.pid}/cmdline").read_text().replace("\0", " ")
    out, err = process.communicate(timeout=PATIENCE_S)
    scan.shown += out + err
    assert process.returncode == code, err
    return out


@pytest.mark.slow
def test_commands_with_keys_show_no_secret(
    scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, own, log = ["--data", str(tmp_path / "data")], tmp_path / "own.jwk", tmp_path / "log.jwk"
    run(scan, *data, "init")
    assert not (tmp_path / "data" / "master.key").exists()
    run(scan, "key", "new", "--out", str(own))
    scan.hide(own)
    party = json.loads(run(scan, *data, "key", "list", "--json"))[0]
    run(scan, *data, "key", "new", "--party", party["party"], "--out", str(log))
    scan.hide(log)
    monkeypatch.setenv("SUYUAN_NEW_PASSPHRASE", NEW_WORD)
    run(scan, "key", "encrypt", str(own))
    run(
        scan, *data, "key", "revoke", "x", "--reason", "lost", "--key", str(own), code=1
    )  # another passphrase
    monkeypatch.setenv("SUYUAN_LOG_KEY", own.read_text())
    run(scan, *data, "key", "log", "list", code=1)
    monkeypatch.setenv("SUYUAN_PASSPHRASE", NEW_WORD)
    scan.hide(own)
    run(scan, *data, "key", "log", "list")
    run(scan, *data, "key", "revoke", "x", "--reason", "lost", code=2)
    house = open_house(load_settings(tmp_path / "data"))
    with house.vault.read() as connection:
        kept = [house.vault.find_custody_key(connection, key.kid) for key in house.vault.keys_of(connection)]
    scan.secrets += [spelled for seed in kept if seed for spelled in spellings(seed)]
    scan.shown += f"{house} {house.settings} {house.vault} {house.keys} {handed_keys(house.settings)}"
    house.close()


@pytest.mark.slow
def test_a_server_and_its_failures_show_no_secret(scan: Scan, tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    run(scan, "--data", str(data), "init")
    words = [*COMMAND, "--data", str(data), "serve", "--port", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        scan.shown += answer(f"http://127.0.0.1:{port}/api/v1/log")
        scan.shown += Path(f"/proc/{process.pid}/cmdline").read_text().replace("\0", " ")
        (data / "suyuan.db").write_bytes(b"no database any more")
        scan.shown += answer(f"http://127.0.0.1:{port}/api/v1/entries/0")
    finally:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE_S)
    scan.shown += out


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answer(url: str) -> str:
    """Return what the server answers, once it does."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_S) as response:
                return str(response.read())
        except urllib.error.HTTPError as error:
            return f"{error} {error.read()!r}"
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_a_traceback_with_all_its_local_variables_shows_no_secret(scan: Scan, tmp_path: Path) -> None:
    program = f"""
import os, sys, traceback
from pathlib import Path
from suyuan.cli.files import read_key_file, write_key_file
from suyuan.ledger.jwk import SigningKey
from suyuan.vault import keyfile, seal
from suyuan.vault.locked import Lock
path = Path({str(tmp_path / "k")!r})
key = SigningKey(bytes(range(32)))
write_key_file(path, key, Lock(passphrase=os.environ["SUYUAN_PASSPHRASE"]))
def fail(*arguments):
    raise RuntimeError("seal")
keyfile.unlock_bytes = fail
try:
    read_key_file(path)
except RuntimeError as error:
    traced = traceback.TracebackException.from_exception(error, capture_locals=True)
    print("".join(traced.format()))
"""
    scan.secrets += spellings(bytes(range(32)))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    scan.shown += done.stdout + done.stderr
    assert "RuntimeError" in scan.shown


def test_what_is_typed_at_a_terminal_is_not_echoed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = Scan()
    path = tmp_path / "k"
    pid, terminal = pty.fork()
    if not pid:
        os.execv(sys.executable, [*COMMAND, "key", "new", "--out", str(path)])
    for _ in range(2):
        scan.shown += read_until(terminal, ":")
        wait_for_silence(terminal)
        os.write(terminal, f"{WORD}\n".encode())
    scan.shown += read_until(terminal, "}\r\n}")
    os.waitpid(pid, 0)
    os.close(terminal)
    monkeypatch.setenv("SUYUAN_PASSPHRASE", WORD)
    scan.hide(path)
    scan.check()


def wait_for_silence(terminal: int) -> None:
    """Wait until the terminal echoes nothing: what is typed earlier is shown, or thrown away with the switch."""
    end = time.monotonic() + PATIENCE_S
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        assert time.monotonic() < end, "the terminal still echoes"
        time.sleep(0.005)


def read_until(terminal: int, mark: str) -> str:
    """Return what the terminal shows until *mark* is at its end."""
    shown = b""
    while mark.encode() not in shown:
        assert select.select([terminal], [], [], PATIENCE_S)[0], shown
        shown += os.read(terminal, 1024)
    return shown.decode()


def test_settings_show_no_secret(scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEW_PASSPHRASE", "LOG_KEY", "S3_SECRET_KEY"):
        monkeypatch.setenv(f"SUYUAN_{name}", f"marker {name}")
        scan.secrets.append(f"marker {name}")
    monkeypatch.setenv("SUYUAN_DATABASE_URL", "postgresql://user:marker-password@host/name")
    scan.secrets.append("marker-password")
    scan.shown += repr(load_settings())


def test_no_key_file_that_is_locked_holds_its_secret(empty: Shell, tmp_path: Path, scan: Scan) -> None:
    path = tmp_path / "k"
    scan.shown += empty.run("key", "new", "--out", str(path)).output
    scan.hide(path)
    scan.shown += path.read_text()
