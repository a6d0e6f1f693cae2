# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the forks of a run share: small files in a folder of the user's.

The folder belongs to the user alone, and no link is followed. The name of a file is a hash, with a random salt kept beside it. Where
none of this can be had, or what it holds is damaged, a task goes on with what it knows itself: a file never ends a task.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
import tempfile
import typing as t
from dataclasses import dataclass

try:
    import fcntl

    HAS_LOCKS = True
except ImportError:  # not on POSIX
    HAS_LOCKS = False

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .._model.desired import Connection

NAME = "flagops.launchdarkly"
SALT = "salt"
SALT_BYTES = 32
LARGEST_FILE = 262_144
# A fork that was stopped may hold the lock for ever. It is tried this often, with a pause of these seconds in between.
TRIES = 150
PAUSE = 0.01
# Seconds after which a file that nobody has written is removed.
KEPT = 600

S = t.TypeVar("S")
T = t.TypeVar("T")


@dataclass(frozen=True)
class Form(t.Generic[S]):
    """What a file holds: `load` gives `empty` for what `dump` did not write."""

    empty: S
    load: Callable[[bytes], S]
    dump: Callable[[S], bytes]


class Share(t.Protocol[S]):
    """Where something is kept between two requests."""

    def change(self, edit: Callable[[S], tuple[S, T]]) -> T:
        """Replace what is kept by what `edit` makes of it, and return the rest of its answer."""


class OwnMemory(t.Generic[S]):
    """What one task alone knows."""

    def __init__(self, kept: S) -> None:
        self.kept = kept

    def change(self, edit: Callable[[S], tuple[S, T]]) -> T:
        self.kept, answer = edit(self.kept)
        return answer


class SharedFile(t.Generic[S]):
    """What all tasks on this machine know that have the same `who`, as the same user."""

    def __init__(self, folder: str, who: str, form: Form[S], sleep: Callable[[float], None]) -> None:
        self._folder = folder
        self._who = who.encode()
        self._form = form
        self._sleep = sleep
        self._name = ""
        self._own = OwnMemory(form.empty)
        self._is_usable = True

    def change(self, edit: Callable[[S], tuple[S, T]]) -> T:
        if self._is_usable:
            try:
                with self._locked() as file:
                    return self._change(file, edit)
            except OSError:
                self._is_usable = False
        return self._own.change(edit)

    def _change(self, file: int, edit: Callable[[S], tuple[S, T]]) -> T:
        before = _read(file, LARGEST_FILE)
        self._own.kept = self._form.load(before)
        answer = self._own.change(edit)
        after = self._form.dump(self._own.kept)
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


@dataclass(frozen=True)
class Place:
    """Where the tasks that use the same token on the same host keep what they share. Without a folder, each knows for itself."""

    folder: str | None = None
    who: str = ""
    sleep: Callable[[float], None] = lambda _seconds: None

    def share(self, form: Form[S], *about: str) -> Share[S]:
        """The share about these keys. It is made when it is first used."""
        if self.folder is None:
            return OwnMemory(form.empty)
        return SharedFile(self.folder, "\n".join((self.who, *about)), form, self.sleep)


def place_for(connection: Connection, sleep: Callable[[float], None]) -> Place:
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    try:
        base = base if os.path.isabs(base) else tempfile.gettempdir()
        folder = os.path.join(base, f"{NAME}-{os.geteuid()}")
    except (OSError, AttributeError):  # no folder for temporary files; not on POSIX
        return Place()
    return Place(folder, f"{connection.api_host} {connection.access_token}", sleep) if HAS_LOCKS else Place()


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
