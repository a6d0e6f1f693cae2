# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments inside the checkout, kept as long as what they were made from stays the same."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import processes
from layout import BUNDLED_PIP, COLLECTION, ROOT, TOOLS, VENVS
from pythons import Python


class VenvError(Exception):
    """What was wanted could not be installed."""


@dataclass(frozen=True)
class Venv:
    path: Path

    @property
    def bin(self) -> Path:
        return self.path / "bin"

    @property
    def python(self) -> Path:
        return self.bin / "python"


# What Ansible runs with there, whatever the user's own settings are.
_SETTINGS = """\
[defaults]
collections_path = {collections}
localhost_warning = false
display_skipped_hosts = false
[inventory]
inventory_unparsed_warning = false
"""


def runtime(python: Python) -> Venv:
    """ansible-core and what the collection needs, with this checkout in sight as the collection."""
    venv = ensure("run", python, ["ansible-core>=2.16", "-r", str(ROOT / "requirements.txt")])
    collections = venv.path / "collections"
    link = collections / COLLECTION
    if not link.is_symlink():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(ROOT)
    settings(venv).write_text(_SETTINGS.format(collections=collections))
    return venv


def settings(venv: Venv) -> Path:
    """The ansible.cfg that goes with it."""
    return venv.path / "ansible.cfg"


def linters(python: Python) -> Venv:
    return ensure("lint", python, ["-r", str(ROOT / TOOLS / "lint-requirements.txt")])


def site(python: Python) -> Venv:
    return ensure("site", python, ["-r", str(ROOT / TOOLS / "site-requirements.txt")])


def automation(python: Python) -> Venv:
    """What runs playbooks for people who do not run ansible-playbook themselves."""
    files = (ROOT / TOOLS / "automation-requirements.txt", ROOT / "requirements.txt")
    return ensure("automation", python, [part for file in files for part in ("-r", str(file))])


def core(version: tuple[int, int], python: Python) -> Venv:
    """One ansible-core, and what tests want beside it. ansible-test makes its own environments for what it runs."""
    number = "{}.{}".format(*version)
    files = [ROOT / "tests" / kind / "requirements.txt" for kind in ("unit", "playbook")]
    wanted = [f"ansible-core~={number}.0", "coverage", *(part for file in files for part in ("-r", str(file)))]
    return ensure(f"core-{number}-python-{python.number}", python, wanted)


def ensure(name: str, python: Python, requirements: Sequence[str]) -> Venv:
    """A virtual environment with these requirements (arguments of "pip install"): the one of last time if it fits."""
    venv = Venv(VENVS / name)
    recipe = _recipe(venv, python, requirements)
    stamp = venv.path / "made-from"
    with locked(VENVS / f".{name}.lock"):
        if not (stamp.is_file() and stamp.read_text() == recipe and venv.python.exists()):
            shutil.rmtree(venv.path, ignore_errors=True)
            _checked([python.path, "-m", "venv", "--without-pip", venv.path])
            _checked([venv.python, BUNDLED_PIP])
            # What is used is compiled with its first use, and most of what is installed is never used.
            options = ("--quiet", "--disable-pip-version-check", "--no-compile")
            _checked([venv.python, "-m", "pip", "install", *options, *requirements])
            stamp.write_text(recipe)
    return venv


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep others who run these tools in the same checkout out, as long as it lasts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _recipe(venv: Venv, python: Python, requirements: Sequence[str]) -> str:
    """What an environment is made from, as text that changes whenever it does."""
    files = [Path(part).read_bytes() for part in requirements if part.endswith(".txt")]
    digests = [hashlib.sha256(content).hexdigest() for content in files]
    return "\n".join([str(venv.path), str(python.path), python.number, *requirements, *digests]) + "\n"


def _checked(command: Sequence[str | Path]) -> None:
    finished = processes.run(command)
    if finished.code:
        raise VenvError(f"This failed: {' '.join(map(str, command))}\n{finished.output}")
