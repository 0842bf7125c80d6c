"""Headless Chromium driven over the DevTools protocol through a pipe: no port, no library."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=390,844",
    "--hide-scrollbars",
    "--accept-lang=zh-CN",
]


def find_chromium() -> str:
    """Return the path of Chromium; without it the test is skipped, or fails in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        why = "Chromium is not installed: the pages are not tried in a browser"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return found


_ON_DESCRIPTORS = """
import fcntl, os, sys
down, up = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(down, 3)
os.dup2(up, 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads commands from descriptor 3 and answers on 4."""


class ScriptFailed(Exception):
    """JavaScript threw, or the browser refused a command."""


class Tab:
    """One tab in a profile of its own: nothing is remembered from another."""

    def __init__(self, browser: Browser, context: str) -> None:
        self.browser, self.context = browser, context
        target = browser.ask("Target.createTarget", url="about:blank", browserContextId=context)
        attached = browser.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self.session: str = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.ask(
            "Network.setCacheDisabled", cacheDisabled=True
        )  # a test may change a page that was just seen

    def ask(self, method: str, **params: Any) -> Any:
        """Send a command of the protocol to this tab."""
        return self.browser.ask(method, self.session, **params)

    def before_each_page(self, script: str) -> None:
        """Run *script* in every page before its own."""
        self.ask("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open(self, url: str) -> None:
        """Open *url* and wait until it is loaded."""
        self.browser.events.clear()
        failed = self.ask("Page.navigate", url=url).get("errorText")
        assert not failed, failed
        self.browser.wait("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """Return what the expression *script* gives, waiting for promises."""
        answer = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise ScriptFailed(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def wait_until(self, condition: str) -> None:
        """Wait until the expression *condition* is true in the page, at most 20 seconds."""
        self.run(
            f"""new Promise((done, fail) => {{
                const look = () => ({condition}) ? done() : setTimeout(look, 10);
                setTimeout(() => fail(new Error("waited in vain for {json.dumps(condition)[1:-1]}")), 20000);
                look();
            }})"""
        )

    @property
    def console(self) -> list[str]:
        """What the page wrote to its console since it was opened, errors and broken policies among it."""
        said = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            if event["method"] in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                said.append(json.dumps(event["params"])[:500])
        return said

    def close(self) -> None:
        """Forget the profile."""
        self.browser.ask("Target.disposeBrowserContext", browserContextId=self.context)


class Browser:
    """A running Chromium."""

    def __init__(self, chromium: str, profile: Path, *flags: str) -> None:
        down, self._write = os.pipe()
        self._read, up = os.pipe()
        command = [
            chromium,
            *FLAGS,
            *flags,
            f"--user-data-dir={profile}",
            "--remote-debugging-pipe",
            "about:blank",
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ON_DESCRIPTORS, str(down), str(up), *command],
            pass_fds=(down, up),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(down)
        os.close(up)
        self._rest = b""
        self._count = 0
        self.events: deque[dict[str, Any]] = deque(maxlen=1000)

    def ask(self, method: str, session: str = "", /, **params: Any) -> Any:
        """Send one command and return its result; what happens meanwhile is kept in ``events``."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._count:
            self.events.append(answer)
        if "error" in answer:
            raise ScriptFailed(f"{method}: {answer['error']}")
        return answer["result"]

    def wait(self, method: str) -> None:
        """Wait for an event called *method*, unless it came already."""
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._next())

    def tab(self) -> Tab:
        """Return a new tab in a new profile."""
        return Tab(self, self.ask("Target.createBrowserContext")["browserContextId"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._read, 1 << 20)
            assert more, "Chromium ended"
            self._rest += more
        message, self._rest = self._rest.split(b"\0", 1)
        found: dict[str, Any] = json.loads(message)
        return found

    def close(self) -> None:
        """End the browser."""
        self.ask("Browser.close")
        self._process.wait(30)
        os.close(self._write)
        os.close(self._read)


@contextmanager
def open_browser(profile: Path, *flags: str) -> Iterator[Browser]:
    """Run a browser with its data in *profile*."""
    browser = Browser(find_chromium(), profile, *flags)
    try:
        yield browser
    finally:
        browser.close()
