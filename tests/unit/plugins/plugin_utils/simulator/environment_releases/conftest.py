# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shop, in a state of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.environment_releases.scene import (
    Shop,
    scene,
)


@pytest.fixture
def open_shop(build: Callable[..., Any]) -> Callable[..., Shop]:
    def _open(*given: Any, **fields: Any) -> Shop:
        return Shop(build(scene(*given, **fields)))

    return _open


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()
