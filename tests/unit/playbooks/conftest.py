# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator for each test, in its own process, so that a test sees into it and turns its clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.server import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.playbooks.plays import SPEED, Player


@pytest.fixture
def completion() -> str:
    """How phases complete; a test that holds for both parametrizes it."""
    return "self"


@pytest.fixture
def speed() -> float:
    return SPEED


@pytest.fixture
def player(tmp_path: Path, completion: str, speed: float) -> Iterator[Player]:
    with Simulator(speed=speed, completion=completion) as service:
        yield Player(tmp_path, service)
