# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One AWX (a fake), one LaunchDarkly (the simulator), and the collection as it was built, for all tests here.

The session "awx" of nox fetches the modules of AWX and makes an environment with the oldest ansible-core. It hands both on as
AWX_COLLECTIONS and AWX_OLDEST.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.awx import guide, settings
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx import server
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, EverySetting, Place, Second, recorded
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
        checked = recorded(place, awx, guide.CHECK, **account)
        # What the oldest ansible-core makes of it is what the newest finds there.
        oldest = {**account, "PATH": place.search(place.oldest)}
        source = awx.repositories.pop(guide.URL)
        failed = recorded(place, awx, **oldest)
        # What was wrong has nothing to do with the project's settings, so the next run changes none of them.
        awx.repositories[guide.URL] = source
        predicted = recorded(place, awx, guide.CHECK, **account)
        first = recorded(place, awx, **oldest)
        yield Configured(awx, checked, failed, predicted, first)


@pytest.fixture(scope="session")
def second(place: Place, launchdarkly: Simulator) -> Iterator[Second]:
    """In another organization, from a folder. What the oldest ansible-core makes of the values is what the newest finds there."""
    with server.serving({"folder": guide.PLAYBOOKS}) as awx:
        awx.add("organizations", {"name": "Two"})
        command = [*guide.CONFIGURE, "-e", json.dumps(settings.SECOND)]
        account = launchdarkly.environment
        first = recorded(place, awx, command, **account, PATH=place.search(place.oldest))
        # The modules under the name they have in the Automation Platform, and an inventory in which localhost is another host.
        (place.installed / "inventory").write_text(
            "localhost ansible_connection=ssh ansible_port=1 ansible_become=true\n"
        )
        command += ["-i", "inventory", "-e", "awx_collection=ansible.controller"]
        yield Second(awx, first, recorded(place, awx, command, **account))


@pytest.fixture(scope="session")
def every_setting(place: Place, launchdarkly: Simulator) -> Iterator[EverySetting]:
    """In an AWX with a credential of before 0.9.0. What the oldest ansible-core makes is what the newest finds."""
    with server.serving({guide.URL: guide.PLAYBOOKS}) as awx:
        settings.add_what_exists(awx)
        type_ = settings.hides_its_host(awx, launchdarkly)
        files = settings.write(place.installed, awx.url)
        command = [*guide.CONFIGURE, *(word for name in files for word in ("-e", f"@{name}"))]
        command += ["-e", json.dumps({**settings.TEMPLATES, **settings.NAMED})]
        secrets = {"SLACK_TOKEN": "xoxb-secret", "CHANGES_PASSWORD": "webhook-secret"}
        oldest = {**launchdarkly.environment, "PATH": place.search(place.oldest)}
        first = recorded(place, awx, command, **oldest, **secrets)
        yield EverySetting(awx, command, secrets, type_, first)
