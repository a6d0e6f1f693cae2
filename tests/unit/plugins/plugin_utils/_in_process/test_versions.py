# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes part in a run, by version."""

from __future__ import annotations

import importlib.metadata
import sys

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.versions import versions


def test_versions_are_those_of_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {name: importlib.metadata.version(name) for name in ("requests", "pydantic")}
    assert {name: versions()[name] for name in installed} == installed
    for name in installed:
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert {name: versions()[name] for name in installed} == installed
