# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that the forks of a run share. It is only ever a help: without it, or with a bad one, tasks go on."""

from __future__ import annotations

import fcntl
import hashlib
import multiprocessing
import os
import random
import resource
import signal
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._http import shared_file
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.pacing import Window, Windows, admit, learn
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.pacing_file import FORM, text_of, windows_from
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.shared_file import Place, Share, place_for
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import Connection
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    NOW,
    TOKEN,
    Clock,
    Headers,
    ScriptedTransport,
    answer,
)

PATH = "/api/v2/flags/shop/cart/release"
ROUTE = "GET /api/v2/flags/*/*/release"
WINDOWS: Windows = {
    "account": Window(50, 7, NOW + 10.0),
    f"route {ROUTE}": Window(50, 50, NOW + 1.5, after=NOW, probing=True),
    "token": Window(0, -3, NOW + 10.0, after=0.0),
}


def connection(token: str = TOKEN, host: str = "https://app.launchdarkly.com") -> Connection:
    return Connection(token, host, 10.0, 6, 120.0)


def no_sleep(_seconds: float) -> None:
    pytest.fail("nobody holds the file")


def place(folder: Path | str, given: Connection | None = None, sleep: Callable[[float], None] = no_sleep) -> Place:
    given = given or connection()
    return Place(str(folder), f"{given.api_host} {given.access_token}", sleep)


def share(folder: Path, token: str = TOKEN, **more: Any) -> Share[Windows]:
    return place(folder, connection(token, **more)).share(FORM)


def put(share: Share[Windows], windows: Windows | None = None) -> None:
    share.change(lambda _before: (WINDOWS if windows is None else windows, None))


def look(share: Share[Windows]) -> Windows:
    return share.change(lambda windows: (windows, windows))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name != "salt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "flagops"


def test_share_is_seen_by_another_task(folder: Path) -> None:
    put(share(folder))
    assert look(share(folder)) == WINDOWS


@pytest.mark.parametrize("other", [{"token": "api-other"}, {"host": "https://app.eu.launchdarkly.com"}], ids=str)
def test_share_is_not_seen_with_another_token_or_host(folder: Path, other: dict[str, str]) -> None:
    put(share(folder))
    assert look(share(folder, **other)) == {}
    assert len(files(folder)) == 2


def test_share_belongs_to_the_user_alone(folder: Path) -> None:
    previous = os.umask(0)
    try:
        put(share(folder))
    finally:
        os.umask(previous)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_share_has_neither_the_token_nor_its_hash(tmp_path: Path) -> None:
    names = set()
    who = f"https://app.launchdarkly.com {TOKEN}".encode()
    for number in range(2):
        folder = tmp_path / str(number)
        put(share(folder))
        [file] = files(folder)
        names.add(file.name)
        written = b" ".join(path.name.encode() + path.read_bytes() for path in folder.iterdir())
        for text in (TOKEN.encode(), who):
            assert text not in written
            for kind in ("md5", "sha1", "sha256", "sha512", "blake2b"):
                digest = hashlib.new(kind, text).hexdigest()
                assert digest[:16].encode() not in written
    assert len(names) == 2, "the salt is a new one in each folder"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 300,
        b"\xff\xfe",
        b"[]",
        b"null",
        b"7",
        b'{"account": 7}',
        b'{"account": "abcde"}',
        b'{"account": [50, 7, 1.0, null]}',
        b'{"account": [50, 7, 1.0, null, false, 1]}',
        b'{"account": ["50", 7, 1.0, null, false]}',
        b'{"account": [50, 51, 1.0, null, false]}',
        b'{"account": [50, 7, 1, null, false]}',
        b'{"account": [50, 7, NaN, null, false]}',
        b'{"account": [50, 7, Infinity, null, false]}',
        b'{"account": [50, 7, 1.0, "x", false]}',
        b'{"account": [50, 7, 1.0, NaN, false]}',
        b'{"account": [true, false, 1.0, null, false]}',
        b'{"account": [50, 7, 1.0, null, 0]}',
        b'{"account": [50, 7, 1e999, null, false]}',
        b'{"account": [9' + b"9" * 5000 + b", 7, 1.0, null, false]}",
        b"[" * 100_000,
        b" " * 200_000 + b"{}",
    ],
    ids=lambda content: repr(content[:60]),
)
def test_share_that_is_corrupt_counts_as_empty(folder: Path, content: bytes) -> None:
    put(share(folder))
    [file] = files(folder)
    file.write_bytes(content)
    assert look(share(folder)) == {}
    put(share(folder))
    assert look(share(folder)) == WINDOWS


def test_share_survives_any_damage(folder: Path) -> None:
    """Cuts and changed bytes, as many as there is time for: windows that can be used, or none."""
    put(share(folder))
    [file] = files(folder)
    whole, chance = file.read_bytes(), random.Random(7)  # noqa: S311  repeatable
    for _case in range(300):
        damaged = bytearray(whole[: chance.randrange(len(whole) + 1)])
        for _change in range(chance.randrange(4)):
            if damaged:
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        windows = windows_from(bytes(damaged))
        assert windows_from(text_of(windows)) == windows
        after, wait = admit(windows, ROUTE, NOW, is_write=False)
        assert 0 <= wait <= 60
        learn(after, ROUTE, 200, Headers(), NOW)


def test_share_with_a_damaged_salt_gets_a_new_one(folder: Path) -> None:
    put(share(folder))
    (folder / "salt").write_bytes(b"short")
    put(share(folder))
    assert look(share(folder)) == WINDOWS
    assert len((folder / "salt").read_bytes()) == shared_file.SALT_BYTES


def test_share_removes_files_of_old_tokens(folder: Path) -> None:
    put(share(folder, "api-old"))
    [old] = files(folder)
    os.utime(folder / "salt", (0, 0))
    os.utime(old, (0, 0))
    put(share(folder, "api-new"))
    put(share(folder))
    assert old not in files(folder)
    assert len(files(folder)) == 2
    assert set(look(share(folder, "api-new"))) == set(WINDOWS)


# What is in the way of a share. Each gets the folder, which does not exist yet.


def as_link(folder: Path) -> None:
    target = folder.with_name("elsewhere")
    target.mkdir(mode=0o700)
    folder.symlink_to(target)


def as_file(folder: Path) -> None:
    folder.write_text("")


def as_open_folder(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o750)


def without_parent(folder: Path) -> None:
    folder.parent.rmdir()


def replaced(folder: Path, make: Any) -> None:
    """The file of the token is something else."""
    put(share(folder))
    [file] = files(folder)
    file.unlink()
    make(file)


def file_as_link(folder: Path) -> None:
    replaced(folder, lambda file: file.symlink_to(elsewhere(folder)))


def file_as_hard_link(folder: Path) -> None:
    replaced(folder, lambda file: os.link(elsewhere(folder), file))


def file_as_dangling_link(folder: Path) -> None:
    replaced(folder, lambda file: file.symlink_to(folder.with_name("nowhere")))


def file_as_folder(folder: Path) -> None:
    replaced(folder, lambda file: file.mkdir())


def file_as_pipe(folder: Path) -> None:
    replaced(folder, os.mkfifo)


def file_open_to_others(folder: Path) -> None:
    put(share(folder))
    files(folder)[0].chmod(0o644)


def salt_as_link(folder: Path) -> None:
    put(share(folder))
    (folder / "salt").unlink()
    (folder / "salt").symlink_to(elsewhere(folder))


def elsewhere(folder: Path) -> Path:
    path = folder.with_name("elsewhere")
    path.write_text("mine")
    path.chmod(0o600)
    return path


OBSTACLES = [
    as_link,
    as_file,
    as_open_folder,
    without_parent,
    file_as_link,
    file_as_hard_link,
    file_as_dangling_link,
    file_as_folder,
    file_as_pipe,
    file_open_to_others,
    salt_as_link,
]


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=lambda obstacle: str(obstacle.__name__))
def test_share_that_is_not_safe_is_not_used(tmp_path: Path, obstacle: Any) -> None:
    parent = tmp_path / "parent"
    parent.mkdir()
    folder = parent / "flagops"
    obstacle(folder)
    before = {path: path.lstat().st_mtime_ns for path in parent.rglob("*")} if parent.exists() else {}
    own = share(folder)
    put(own)
    assert look(own) == WINDOWS, "the task remembers for itself"
    other = share(folder)
    assert look(other) == {}
    after = {path: path.lstat().st_mtime_ns for path in parent.rglob("*")} if parent.exists() else {}
    assert after == before
    if (parent / "elsewhere").is_file():
        assert (parent / "elsewhere").read_text() == "mine"


def test_share_of_another_user_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(share(folder))
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert look(share(folder)) == {}


def test_share_that_is_lost_is_made_again(folder: Path) -> None:
    task = share(folder)
    put(task)
    files(folder)[0].unlink()
    assert look(task) == {}
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    put(task)
    assert look(task) == WINDOWS
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@contextmanager
def held(path: Path) -> Iterator[None]:
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("name", ["salt", "file"])
def test_share_that_stays_locked_is_given_up(folder: Path, name: str) -> None:
    put(share(folder))
    clock = Clock()
    task = place(folder, sleep=clock.sleep).share(FORM)
    with held(folder / "salt" if name == "salt" else files(folder)[0]):
        put(task)
        assert clock.slept == pytest.approx(shared_file.TRIES * shared_file.PAUSE)
        put(task)
    assert clock.slept < 2, "it is tried once in a task"


def test_share_that_cannot_be_written_is_not_used(folder: Path) -> None:
    put(share(folder))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    task, windows = share(folder), {"token": Window(5, 5, NOW)}
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        put(task, windows)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, previous)
    assert look(task) == windows, "the task remembers for itself"
    assert look(share(folder)) == WINDOWS


@pytest.mark.parametrize("runtime_folder", ["", "relative/path"])
def test_share_is_below_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime_folder: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime_folder)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    put(place_for(connection(), no_sleep).share(FORM))
    assert [path.name for path in tmp_path.iterdir()] == [f"flagops.launchdarkly-{os.geteuid()}"]


def test_share_is_below_the_runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    put(place_for(connection(), no_sleep).share(FORM))
    assert [path.name for path in tmp_path.iterdir()] == [f"flagops.launchdarkly-{os.geteuid()}"]


# Forks.

REQUESTS, FORKS = 40, 4


def count(folder: str) -> None:
    task = place(folder, sleep=lambda _seconds: os.sched_yield()).share(FORM)
    for _request in range(REQUESTS):
        task.change(lambda windows: ({**windows, "account": windows["account"].take()}, None))


def test_share_counts_the_requests_of_all_forks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_file, "TRIES", 10**9)
    put(share(folder), {"account": Window(1000, 1000, NOW)})
    forks = [multiprocessing.get_context("fork").Process(target=count, args=(str(folder),)) for _fork in range(FORKS)]
    for fork in forks:
        fork.start()
    for fork in forks:
        fork.join(60)
    assert [fork.exitcode for fork in forks] == [0] * FORKS
    assert look(share(folder))["account"].left == 1000 - REQUESTS * FORKS


def test_share_makes_another_task_wait_for_the_window(folder: Path) -> None:
    clock = Clock()
    ended = {"X_Ratelimit_Global_Remaining": "0", "X_Ratelimit_Reset": str(round((NOW + 8) * 1000))}
    for headers, slept in ((ended, 0), ({}, 8)):
        http = Http(ScriptedTransport(answer({}, **headers)), clock.runtime(), 6, 120.0, place(folder))
        http.read(PATH, "read")
        assert clock.slept == pytest.approx(slept)
