# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that wait for the same phase, each as in a fork of its own, on one clock that only sleeping moves."""

from __future__ import annotations

import heapq
import itertools
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import Runtime
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_phase import RELEASE_PHASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.shared_file import Place
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.transport import Response
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    NOW,
    answer,
    by_words,
    options_of,
    refusal,
    wire_phase,
    wire_release,
)

PAGE = 20
LIST = re.compile(r"^/api/v2/projects/(\w+)/release-pipelines/(\w+)/releases$")


class World:
    """Plays tasks in turn: the one whose sleep ends first goes on. So there is one order, and no time passes but theirs."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, threading.Event]] = []
        self._numbers = itertools.count()
        self._idle = threading.Event()

    def sleep(self, seconds: float) -> None:
        mine = threading.Event()
        heapq.heappush(self._due, (self.now + seconds, next(self._numbers), mine))
        self._idle.set()
        mine.wait()

    def play(self, tasks: list[Callable[[], None]]) -> None:
        for number, task in enumerate(tasks):
            begin = threading.Event()
            heapq.heappush(self._due, (number * 0.05, next(self._numbers), begin))
            threading.Thread(target=self._run, args=(begin, task), daemon=True).start()
        while self._due:
            self.now, _number, event = heapq.heappop(self._due)
            self._idle.clear()
            event.set()
            assert self._idle.wait(60)

    def _run(self, begin: threading.Event, task: Callable[[], None]) -> None:
        begin.wait()
        try:
            task()
        finally:
            self._idle.set()

    def runtime(self, chance: Callable[[], float]) -> Runtime:
        return Runtime(lambda: 1000.0 + self.now, lambda: NOW + self.now, self.sleep, chance)


@dataclass
class Service:
    """Releases whose second phase is active until a time, and their list. `refuse` answers requests for the list instead."""

    world: World
    completes: dict[str, float] = field(default_factory=dict)
    refuse: Callable[[], Response] | None = None
    lag: float = 0.0
    release: dict[str, Any] = field(default_factory=lambda: by_words("completed", "active", "not-started"))
    shown: dict[str, Any] = field(default_factory=lambda: {"activePhaseId": "id-two", "activePhaseStatus": "active"})
    extra: int = 0
    requests: list[tuple[float, str]] = field(default_factory=list)

    def is_completed(self, key: str, by: float) -> bool:
        return by >= self.completes.get(key, float("inf"))

    def send(self, method: str, path: str, *_request: Any) -> Response:
        assert method == "GET"
        self.requests.append((self.world.now, path))
        url = urlsplit(path)
        if LIST.match(url.path):
            return self.refuse() if self.refuse else answer(self.page(int(parse_qs(url.query)["offset"][0])))
        done = self.is_completed(path.split("/")[5], self.world.now)
        return answer(by_words("completed", "completed", "ready-to-start") if done else self.release)

    def page(self, offset: int) -> dict[str, Any]:
        by = self.world.now - self.lag
        keys = [key for key in (*KEYS, *(f"other-{n}" for n in range(self.extra))) if not self.is_completed(key, by)]
        items = [{"flagKey": key, **self.shown} for key in keys]
        phases = [{"_id": "id-two", "name": "Two", "releaseCount": len(items)}]
        counts = {"totalCount": 500, "activeCount": 400, "completedCount": 100, "phases": phases}
        return {**counts, "items": items[offset : offset + PAGE]}

    def of_list(self) -> list[float]:
        return [at for at, path in self.requests if LIST.match(urlsplit(path).path)]

    def of_flag(self, key: str) -> list[float]:
        return [at for at, path in self.requests if path.split("/")[5] == key]


KEYS = [f"flag-{number}" for number in range(24)]


@dataclass
class Waited:
    result: dict[str, Any]
    until: float


def wait(
    world: World, service: Service, folder: Path | None, keys: list[str] = KEYS, **given: Any
) -> dict[str, Waited]:
    """Each key in a task of its own; what each returned, and when."""
    waited: dict[str, Waited] = {}

    def task(key: str, share_of_chance: float) -> Callable[[], None]:
        def run() -> None:
            options = options_of(RELEASE_PHASE, flag_key=key, phase="Two", wait=True, **given)
            place = Place(str(folder), "host token", world.sleep) if folder else Place()
            http = Http(service, world.runtime(lambda: share_of_chance), 6, 120.0, place)  # type: ignore[arg-type]  # no limits
            operation = RELEASE_PHASE.build(options, http, False)
            failure: dict[str, Any] = {}
            try:
                operation.run()
            except LaunchDarklyError as error:
                failure = error.to_result()
            result = {**operation.to_result(), **failure, "warnings": operation.warnings}
            waited[key] = Waited(result, world.now)

        return run

    world.play([task(key, (number % 10) / 10) for number, key in enumerate(keys)])
    return waited


def longest_gap(times: list[float]) -> float:
    return max(later - earlier for earlier, later in zip(times, times[1:]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "flagops"


def test_shared_wait_takes_few_requests(folder: Path) -> None:
    world = World()
    service = Service(world)
    waited = wait(world, service, folder, wait_timeout=300)
    assert {item.result["error_code"] for item in waited.values()} == {"wait_timeout"}
    steady = [at for at, _path in service.requests if 60 <= at < 280]
    # The flags themselves, and two pages of the list every ten seconds; without the list, 2.4.
    assert len(steady) / 220 < 24 / 48 + 0.2
    assert all(longest_gap(service.of_flag(key)) <= 60 for key in KEYS)
    assert longest_gap(service.of_list()) >= 1


def test_shared_wait_sees_a_change_as_soon_as_before(folder: Path) -> None:
    world = World()
    done = {key: 30.0 + 5 * number for number, key in enumerate(KEYS)}
    service = Service(world, done)
    waited = wait(world, service, folder, wait_timeout=600)
    for key, at in done.items():
        assert waited[key].result["waited_for"] == "status"
        assert at <= waited[key].until <= at + 12
    alone = World()
    plain = Service(alone, done)
    wait(alone, plain, None, wait_timeout=600)
    assert len(service.requests) < len(plain.requests) / 2


@pytest.mark.parametrize("lag", [45, 10_000])
def test_shared_wait_ends_although_the_list_lags(folder: Path, lag: float) -> None:
    world = World()
    service = Service(world, dict.fromkeys(KEYS, 100.0), lag=lag)
    waited = wait(world, service, folder, wait_timeout=600)
    assert all(100 <= item.until <= 160 and item.result["waited_for"] == "status" for item in waited.values())


@pytest.mark.parametrize("timeout", [5, 12, 47, 61.5, 100])
def test_shared_wait_reads_each_flag_before_its_time_is_up(folder: Path, timeout: float) -> None:
    world = World()
    service = Service(world)
    waited = wait(world, service, folder, wait_timeout=timeout)
    for number, key in enumerate(KEYS):
        assert waited[key].until == pytest.approx(number * 0.05 + timeout)
        assert service.of_flag(key)[-1] == waited[key].until
        assert "seen 0 s ago" in waited[key].result["msg"]


REQUIRED = {"configuration": {"requireApproval": True}, "environment": {"key": "two"}}


@pytest.mark.parametrize(
    "changes",
    [
        {"refuse": lambda: refusal(403, "forbidden")},
        {"refuse": lambda: answer(b"<html>")},
        # It has more pages than are worth it.
        {"extra": 1000},
        # It does not speak of statuses, speaks of other phases, or of something else.
        {"shown": {"activePhaseId": "id-two"}},
        {"shown": {"activePhaseId": "p-2", "activePhaseStatus": "active"}},
        {"shown": {"activePhaseId": "id-two", "activePhaseStatus": "simmering"}},
        # A release without a pipeline.
        {"release": by_words("completed", "active", "not-started", releasePipelineKey=None)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_shared_wait_without_a_list_reads_each_flag(folder: Path, changes: dict[str, Any]) -> None:
    world = World()
    service = Service(world, **changes)
    waited = wait(world, service, folder, wait_timeout=100)
    assert {item.result["error_code"] for item in waited.values()} == {"wait_timeout"}
    assert not any(item.result["warnings"] for item in waited.values() if "refuse" in changes or "extra" in changes)
    alone = World()
    plain = Service(alone, **changes)
    wait(alone, plain, None, wait_timeout=100)
    assert not plain.of_list()
    assert len(service.requests) <= len(plain.requests) * 1.15
    assert all(longest_gap(service.of_flag(key)) <= 16 for key in KEYS)


def test_shared_wait_for_approvals_reads_each_flag(folder: Path) -> None:
    world = World()
    release = wire_release(
        wire_phase("One", "completed"),
        wire_phase("Two", "active", _audiences=[{"_id": "a", "name": "Two", **REQUIRED}]),
    )
    service = Service(world, release=release)
    wait(world, service, folder, KEYS[:8], wait_timeout=30)
    assert not service.of_list()


@pytest.mark.parametrize("failure", ["503", "429"])
def test_shared_wait_goes_on_while_the_list_fails(folder: Path, failure: str) -> None:
    world = World()
    answers = {"503": lambda: refusal(503), "429": lambda: refusal(429, "rate_limited", Retry_After="30")}
    service = Service(world, dict.fromkeys(KEYS, 90.0), refuse=answers[failure])
    waited = wait(world, service, folder, wait_timeout=200)
    assert all(90 <= item.until <= 106 and not item.result["warnings"] for item in waited.values())


def test_shared_wait_outlives_a_task_that_never_returns_the_list(folder: Path) -> None:
    world = World()
    stopped: list[float] = []
    service = Service(world, dict.fromkeys(KEYS, 100.0))

    def stop() -> Response:
        # It sleeps for the rest of the test, as a process that was stopped does.
        if not stopped:
            stopped.append(world.now)
            world.sleep(500)
        return answer(service.page(0))

    service.refuse = stop
    waited = wait(world, service, folder, wait_timeout=400)
    late = [key for key in KEYS if waited[key].until > 116]
    assert len(late) == len(stopped) == 1


def test_shared_wait_reads_flags_in_time_with_a_slow_list(folder: Path) -> None:
    world = World()
    service = Service(world)

    def slow() -> Response:
        world.sleep(5.5)
        return answer(service.page(0))

    service.refuse = slow
    wait(world, service, folder, KEYS[:12], wait_timeout=200)
    assert service.of_list()
    assert all(longest_gap(service.of_flag(key)) <= 60 for key in KEYS[:12])


@pytest.mark.parametrize("keys", [KEYS[:1], KEYS[:3]], ids=len)
def test_shared_wait_needs_several_tasks(folder: Path, keys: list[str]) -> None:
    shared, plain = Service(World()), Service(World())
    wait(shared.world, shared, folder, keys, wait_timeout=100)
    wait(plain.world, plain, None, keys, wait_timeout=100)
    assert shared.requests == plain.requests


@pytest.mark.parametrize("interval", [1, 1.5])
def test_shared_wait_leaves_quick_polls_alone(folder: Path, interval: float) -> None:
    world = World()
    service = Service(world)
    wait(world, service, folder, KEYS[:8], wait_timeout=30, wait_interval=interval)
    assert not service.of_list()


def test_shared_wait_does_not_mix_pipelines(folder: Path) -> None:
    """Three flags in each of two pipelines, and three in another project: none has a list of its own."""
    world = World()
    service = Service(world)
    send = service.send

    def other(method: str, path: str, *request: Any) -> Response:
        found = send(method, path, *request)
        key = path.split("/")[5]
        pipeline = "standard" if int(key.rpartition("-")[2]) < 3 else "express"
        return answer(by_words("completed", "active", "not-started", releasePipelineKey=pipeline)) if found else found

    service.send = other  # type: ignore[method-assign]  # the same releases in another pipeline
    wait(world, service, folder, KEYS[:6], wait_timeout=60)
    assert not service.of_list()


def test_shared_wait_keeps_flag_keys_in_a_file_of_the_user(folder: Path) -> None:
    world = World()
    wait(world, Service(world), folder, KEYS[:8], wait_timeout=60)
    files = list(folder.iterdir())
    assert Counter(oct(path.stat().st_mode & 0o777) for path in files) == {"0o600": len(files)}
    assert not any(b"token" in path.read_bytes() for path in files)
    assert not any(word in path.name for path in files for word in ("shop", "standard", "token"))
