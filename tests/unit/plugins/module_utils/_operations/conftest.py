# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage for a flag in one environment, and no proxy between the tests and their simulator."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import READY, Stage


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
            monkeypatch.delenv(name)


@pytest.fixture
def stage() -> Iterator[Callable[..., Stage]]:
    """Opens stages, and closes them after the test."""
    opened: list[Stage] = []

    def _open(*given: Any, **options: Any) -> Stage:
        opened.append(Stage(*given, **options))
        return opened[-1]

    yield _open
    for item in opened:
        item.close()


@pytest.fixture
def gated(stage: Callable[..., Stage]) -> Stage:
    """An environment that requires approvals."""
    return stage(READY, environment={"approvalSettings": {"required": True}})
