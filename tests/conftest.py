# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of several kinds need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.tests.tools import checkout
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact


@pytest.fixture(scope="session")
def collections() -> Path:
    """What ANSIBLE_COLLECTIONS_PATH has to be for programs that a test starts."""
    return checkout.collections_path()


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """The collection as users get it: built, and installed where nothing else of ours is."""
    folder = tmp_path_factory.mktemp("artifact")
    # The session "build" keeps what was built.
    dist = Path(os.environ.get("ARTIFACT_DIST", folder / "dist"))
    shutil.rmtree(dist, ignore_errors=True)
    artifact = Artifact(folder / "installed", dist)
    artifact.build(checkout.copy_to(folder / "tree"))
    artifact.install()
    return artifact
