# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One AWX (a fake), one LaunchDarkly (the simulator), and the collection as it was built, for all tests here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tools")]

import guide  # noqa: E402  found from here on
import simulator  # noqa: E402  as above
from fake_awx import server  # noqa: E402  as above
from fake_awx.server import Awx  # noqa: E402  as above
from place import Configured, Place, configure  # noqa: E402  as above
from simulator import Simulator  # noqa: E402  as above


@pytest.fixture(scope="session")
def place() -> Place:
    place = Place()
    (place.installed / "awx.yml").write_text(guide.SETTINGS)
    place.project.mkdir(exist_ok=True)
    made = place.run("sh", "-c", f"cd project\n{guide.MAKE_PROJECT}")
    assert made.code == 0, made.output
    return place


@pytest.fixture(scope="session")
def launchdarkly(place: Place) -> Iterator[Simulator]:
    with simulator.running(Path(sys.executable), place.collection, "--speed", "20") as service:
        yield service


@pytest.fixture
def awx() -> Iterator[Awx]:
    """One with nothing in it."""
    with server.serving({guide.URL: list(guide.PLAYBOOKS)}) as fake:
        yield fake


@pytest.fixture
def send(awx: Awx) -> Callable[..., tuple[int, Any]]:
    """A request to that one, with the status and the body of its answer."""
    return lambda path, body, method="POST": awx.answer(method, f"/api/v2/{path}", f"Bearer {awx.token}", body)


@pytest.fixture(scope="session")
def configured(place: Place, launchdarkly: Simulator) -> Iterator[Configured]:
    with server.serving({guide.URL: list(guide.PLAYBOOKS)}) as awx:
        checked = configure(place, awx, launchdarkly, guide.CHECK)
        writes_of_check = awx.writes()
        # What the oldest ansible-core makes of it is what the newest finds there.
        first = configure(place, awx, launchdarkly, PATH=place.search(place.oldest))
        before = len(awx.writes())
        # The modules under the name they have in the Automation Platform.
        again = configure(place, awx, launchdarkly, [*guide.CONFIGURE, "-e", "awx_collection=ansible.controller"])
        yield Configured(awx, checked, writes_of_check, first, again, awx.writes()[before:])
