# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium, driven over a pair of pipes: it speaks JSON there, so that no driver and no port is needed."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
# Chromium reads its orders from 3 and answers on 4, and subprocess cannot number what it hands down.
_LAUNCH = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)
_FIRST_FREE = 10
_PATIENCE = 60.0


class Browser:
    """A running Chromium."""

    def __init__(self, orders: int, answers: int) -> None:
        self._orders = orders
        self._answers = answers
        self._buffer = b""
        self._number = 0

    @contextlib.contextmanager
    def page(self) -> Iterator[Page]:
        """A tab of its own, in a context of its own: it knows nothing of earlier ones."""
        context = self.call(None, "Target.createBrowserContext", {})["browserContextId"]
        target = self.call(None, "Target.createTarget", {"url": "about:blank", "browserContextId": context})["targetId"]
        try:
            yield Page(
                self, self.call(None, "Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
            )
        finally:
            self.call(None, "Target.disposeBrowserContext", {"browserContextId": context})

    def call(self, page: Page | None, method: str, parameters: Json) -> Json:
        self._number += 1
        order = {"id": self._number, "method": method, "params": parameters}
        if page:
            order["sessionId"] = page.session
        os.write(self._orders, json.dumps(order).encode() + b"\0")
        while True:
            message = self.read(page)
            if message.get("id") == self._number:
                assert "error" not in message, message
                result: Json = message["result"]
                return result

    def read(self, page: Page | None) -> Json:
        """The next message, which a page keeps if it is an event of its own."""
        deadline = time.monotonic() + _PATIENCE
        while b"\0" not in self._buffer:
            ready = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))[0]
            part = os.read(self._answers, 1 << 16) if ready else b""
            assert part, "Chromium does not answer"
            self._buffer += part
        line, self._buffer = self._buffer.split(b"\0", 1)
        message: Json = json.loads(line)
        if page and "method" in message and message.get("sessionId") == page.session:
            page.events.append(message)
        return message


class Page:
    """One page. `events` is everything that Chromium reported of it since it was opened."""

    def __init__(self, browser: Browser, session: str) -> None:
        self.events: list[Json] = []
        self.session = session
        self._browser = browser
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setScrollbarsHidden", hidden=True)

    def call(self, method: str, **parameters: Any) -> Json:
        return self._browser.call(self, method, parameters)

    def open(self, path: Path, width: int = 1280, scheme: str = "light") -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        seen = len(self.events)
        self.call("Page.navigate", url=path.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events[seen:]):
            self._browser.read(self)

    def evaluate(self, expression: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def pdf(self) -> bytes:
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    def requests(self) -> list[str]:
        sent = [event for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def complaints(self) -> list[Json]:
        """What a person would see in the console, and dialogs."""
        kinds = {
            "Runtime.consoleAPICalled",
            "Runtime.exceptionThrown",
            "Log.entryAdded",
            "Page.javascriptDialogOpening",
        }
        return [event for event in self.events if event["method"] in kinds]


@contextlib.contextmanager
def page(profile: Path) -> Iterator[Page]:
    """A page of a browser of its own, which ends with it."""
    with browser(profile) as started, started.page() as opened:
        yield opened


@contextlib.contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    assert EXECUTABLE
    theirs_in, ours_out = _pipe()
    ours_in, theirs_out = _pipe()
    launch = [sys.executable, "-c", _LAUNCH, str(theirs_in), str(theirs_out)]
    process = subprocess.Popen(  # noqa: S603  the browser of this machine
        [*launch, EXECUTABLE, *_FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(theirs_in, theirs_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Browser(ours_out, ours_in)
    finally:
        # It has helpers, all in the session that was made for it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours_out)
        os.close(ours_in)


def _pipe() -> tuple[int, int]:
    """With numbers that are not in the way of 3 and 4."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]
