# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the forks of a run share: a small file with what the headers said of one token's limits.

The folder belongs to the user alone, and no link is followed. The name of a file is a hash, with a random salt kept beside it. Where
none of this can be had, or what it holds is damaged, a task goes on with what it knows itself: this file never ends a task.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import stat
import tempfile
import typing as t

from .pacing import Window

try:
    import fcntl

    HAS_LOCKS = True
except ImportError:  # not on POSIX
    HAS_LOCKS = False

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .._model.desired import Connection
    from .pacing import Windows

NAME = "flagops.launchdarkly"
SALT = "salt"
SALT_BYTES = 32
LARGEST_FILE = 65536
# A fork that was stopped may hold the lock for ever. It is tried this often, with a pause of these seconds in between.
TRIES = 50
PAUSE = 0.01
# Seconds after which a file that nobody has written is removed.
KEPT = 600

T = t.TypeVar("T")


class Share(t.Protocol):
    """Where the windows are kept between two requests."""

    def change(self, edit: Callable[[Windows], tuple[Windows, T]]) -> T:
        """Replace the windows by what `edit` makes of them, and return the rest of its answer."""


class OwnMemory:
    """Windows of one task alone."""

    def __init__(self) -> None:
        self.windows: Windows = {}

    def change(self, edit: Callable[[Windows], tuple[Windows, T]]) -> T:
        self.windows, answer = edit(self.windows)
        return answer


class SharedFile:
    """Windows of all tasks on this machine that use the same token on the same host, as the same user."""

    def __init__(self, folder: str, connection: Connection, sleep: Callable[[float], None]) -> None:
        self._folder = folder
        self._who = f"{connection.api_host} {connection.access_token}".encode()
        self._sleep = sleep
        self._name = ""
        self._own = OwnMemory()
        self._is_usable = True

    def change(self, edit: Callable[[Windows], tuple[Windows, T]]) -> T:
        if self._is_usable:
            try:
                with self._locked() as file:
                    return self._change(file, edit)
            except OSError:
                self._is_usable = False
        return self._own.change(edit)

    def _change(self, file: int, edit: Callable[[Windows], tuple[Windows, T]]) -> T:
        before = _read(file, LARGEST_FILE)
        self._own.windows = windows_from(before)
        answer = self._own.change(edit)
        after = text_of(self._own.windows)
        if after != before:
            try:
                _write(file, after)
            except OSError:
                self._is_usable = False
        return answer

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        with _opened_folder(self._folder) as folder:
            if not self._name:
                with _opened(SALT, folder) as file:
                    self._lock(file)
                    self._name = hmac.new(_salt(file), self._who, hashlib.sha256).hexdigest()
            with _opened(self._name, folder) as file:
                self._lock(file)
                if not os.fstat(file).st_size:
                    _remove_old(folder, os.fstat(file).st_mtime - KEPT)
                yield file

    def _lock(self, file: int) -> None:
        for _attempt in range(TRIES):
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            self._sleep(PAUSE)
        raise BlockingIOError("another process holds the file")


def share_for(connection: Connection, sleep: Callable[[float], None]) -> Share:
    """The share of a task. It is made when the first request needs it."""
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    try:
        base = base if os.path.isabs(base) else tempfile.gettempdir()
        folder = os.path.join(base, f"{NAME}-{os.geteuid()}")
    except (OSError, AttributeError):  # no folder for temporary files; not on POSIX
        return OwnMemory()
    return SharedFile(folder, connection, sleep) if HAS_LOCKS else OwnMemory()


@contextlib.contextmanager
def _opened_folder(path: str) -> Iterator[int]:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        descriptor = os.open(path, flags)
    with _closing(descriptor) as folder:
        _require_own(os.fstat(folder), stat.S_ISDIR)
        yield folder


@contextlib.contextmanager
def _opened(name: str, folder: int) -> Iterator[int]:
    # Without O_NONBLOCK, the open of a named pipe would wait for its other end.
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with _closing(os.open(name, flags, 0o600, dir_fd=folder)) as file:
        state = os.fstat(file)
        _require_own(state, stat.S_ISREG)
        if state.st_nlink != 1:
            raise PermissionError("the file has another name, too")
        yield file


@contextlib.contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _require_own(state: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    if not is_kind(state.st_mode) or state.st_uid != os.geteuid() or stat.S_IMODE(state.st_mode) & 0o077:
        raise PermissionError("it is of another kind, of another user, or open to others")


def _remove_old(folder: int, before: float) -> None:
    """A file that is new is the moment to remove those of tokens that are no longer used."""
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            if name != SALT and os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime < before:
                os.unlink(name, dir_fd=folder)


def _salt(file: int) -> bytes:
    salt = _read(file, SALT_BYTES + 1)
    if len(salt) != SALT_BYTES:
        salt = secrets.token_bytes(SALT_BYTES)
        _write(file, salt)
    return salt


def _read(file: int, most: int) -> bytes:
    return os.pread(file, most, 0)


def _write(file: int, data: bytes) -> None:
    # Not emptied first: some file systems then write to the disk at once.
    os.pwrite(file, data, 0)
    os.ftruncate(file, len(data))


def text_of(windows: Windows) -> bytes:
    return json.dumps({name: list(vars(window).values()) for name, window in windows.items()}).encode()


def windows_from(text: bytes) -> Windows:
    """What the file holds; nothing if it is not what `text_of` writes."""
    try:
        document = json.loads(text)
        return {name: _window(*fields) for name, fields in document.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _window(limit: t.Any, left: t.Any, until: t.Any, after: t.Any, probing: t.Any) -> Window:
    well_formed = (
        _is_count(limit) and limit >= 0,
        _is_count(left) and left <= limit,
        isinstance(until, float) and abs(until) < float("inf"),
        after is None or (isinstance(after, float) and abs(after) < float("inf")),
        isinstance(probing, bool),
    )
    if not all(well_formed):
        raise ValueError("it is not a window")
    return Window(limit, left, until, after, probing)


def _is_count(value: t.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9
