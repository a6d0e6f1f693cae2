# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One AWX (a fake), one LaunchDarkly (the simulator), and the collection as it was built, for all tests here.

The session "awx" of nox fetches the modules of AWX and makes an environment with the oldest ansible-core. It hands both on as
AWX_COLLECTIONS and AWX_OLDEST.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.awx import guide
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx import server
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, Place, configure
from ansible_collections.flagops.launchdarkly.tests.tools import processes, simulator
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact
from ansible_collections.flagops.launchdarkly.tests.tools.simulator import Simulator


@pytest.fixture(scope="session")
def place(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """With nothing of the collection but the folders that a collection in use needs, and its rulebooks."""
    # The guide copies the project from a clone of the repository.
    (artifact.place / "flagops.launchdarkly").symlink_to(guide.ROOT)
    made = processes.run(["sh", "-c", guide.MAKE_PROJECT], cwd=artifact.place, env=processes.clean_environment())
    assert made.code == 0, made.output
    for path in artifact.collection.iterdir():
        if path.is_dir() and path.name not in {"meta", "plugins", "roles", "playbooks", "extensions"}:
            shutil.rmtree(path)
    modules = tmp_path_factory.mktemp("modules")
    fetched = Path(os.environ["AWX_COLLECTIONS"]) / "ansible_collections" / "awx" / "awx"
    for name in ("awx/awx", "ansible/controller"):  # the second is its name in the Automation Platform
        link = modules / "ansible_collections" / name
        link.parent.mkdir(parents=True)
        link.symlink_to(fetched)
    place = Place(artifact, modules, Path(os.environ["AWX_OLDEST"]))
    shutil.copy(place.project / "awx.yml", place.installed)
    return place


@pytest.fixture(scope="session")
def launchdarkly(place: Place) -> Iterator[Simulator]:
    with simulator.running(place.collection, "--speed", "20") as service:
        yield service


@pytest.fixture
def awx() -> Iterator[Awx]:
    """One with nothing in it."""
    with server.serving({guide.URL: guide.PLAYBOOKS}) as fake:
        yield fake


@pytest.fixture
def send(awx: Awx) -> Callable[..., tuple[int, Any]]:
    """A request to that one, with the status and the body of its answer."""
    return lambda path, body, method="POST": awx.answer(method, f"/api/v2/{path}", f"Bearer {awx.token}", body)


@pytest.fixture(scope="session")
def configured(place: Place, launchdarkly: Simulator) -> Iterator[Configured]:
    with server.serving({guide.URL: guide.PLAYBOOKS}) as awx:
        account = launchdarkly.environment
        checked = configure(place, awx, guide.CHECK, **account)
        writes_of_check = awx.writes()
        # What the oldest ansible-core makes of it is what the newest finds there.
        first = configure(place, awx, PATH=place.search(place.oldest), **account)
        before = len(awx.writes())
        # The modules under the name they have in the Automation Platform, and an inventory in which localhost is another host.
        (place.installed / "inventory").write_text(
            "localhost ansible_connection=ssh ansible_port=1 ansible_become=true\n"
        )
        command = [*guide.CONFIGURE, "-i", "inventory", "-e", "awx_collection=ansible.controller"]
        again = configure(place, awx, command, **account)
        yield Configured(awx, checked, writes_of_check, first, again, awx.writes()[before:])
