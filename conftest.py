# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes this checkout importable as ansible_collections.flagops.launchdarkly, wherever it lies.

Imports find the files of the checkout under their real paths, so that breakpoints and coverage refer to them. Programs that a
test starts find the collection through a link.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent
COLLECTION = Path("ansible_collections", "flagops", "launchdarkly")


def collections_path() -> Path:
    """The folder in which Ansible finds this checkout as a collection."""
    if ROOT.parts[-len(COLLECTION.parts) :] == COLLECTION.parts:
        return ROOT.parents[len(COLLECTION.parts) - 1]
    folder = ROOT / ".cache" / "collections"
    link = folder / COLLECTION
    link.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        link.symlink_to(ROOT, target_is_directory=True)
    return folder


def make_importable(collections: Path) -> None:
    sys.path.insert(0, str(collections))
    parent = None
    for path in reversed([COLLECTION, *COLLECTION.parents][:-1]):
        package = ModuleType(".".join(path.parts))
        package.__path__ = [str((collections / path).resolve())]
        sys.modules[package.__name__] = package
        if parent:
            setattr(parent, path.name, package)
        parent = package


make_importable(collections_path())


@pytest.fixture(scope="session")
def collections() -> Path:
    """What ANSIBLE_COLLECTIONS_PATH has to be for programs that a test starts."""
    return collections_path()
