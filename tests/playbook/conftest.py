# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook as a user does, against a simulator in this process.

The Python that runs pytest also runs ansible-playbook. It needs ansible-core and what requirements.txt names.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import Ansible
from ansible_collections.flagops.launchdarkly.tests.playbook.plays import SPEED, Player

HERE = Path(__file__).resolve().parent


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def ansible(tmp_path: Path, collections: Path) -> Ansible:
    """Nothing of this machine's settings: no configuration, no proxies, no credentials."""
    unwanted = ("ANSIBLE_", "LAUNCHDARKLY_", "LD_ACCESS_TOKEN", "PYTHON", "REQUESTS_", "SSL_CERT_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(unwanted) and not name.lower().endswith("_proxy")
    }
    own = {
        "HOME": str(tmp_path),
        # both are else looked for in the home folder that the system knows of
        "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
        "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote"),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_ACTION_PLUGINS": str(HERE / "plugins" / "action"),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "plugins" / "callback"),
        "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "plugins" / "connection"),
        "ANSIBLE_BECOME_PLUGINS": str(HERE / "plugins" / "become"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        "RECORDER_FILE": str(tmp_path / "results"),
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_NOCOLOR": "1",
        # since 2.21 they are left out else
        "ANSIBLE_INJECT_INVOCATION": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }
    return Ansible(tmp_path, {**kept, **own})


@pytest.fixture
def completion() -> str:
    """How phases complete; a test that holds for both parametrizes it."""
    return "self"


@pytest.fixture
def speed() -> float:
    """How fast the simulator's clock runs."""
    return SPEED


@pytest.fixture
def behind() -> float:
    """Seconds by which the simulator's clock, and the Date of its answers, is behind that of this machine."""
    return 0.0


@pytest.fixture
def player(ansible: Ansible, completion: str, speed: float, behind: float) -> Iterator[Player]:
    with Simulator(speed=speed, completion=completion, clock=lambda: time.time() - behind) as running:
        yield Player(ansible.folder, ansible.environment, running)
